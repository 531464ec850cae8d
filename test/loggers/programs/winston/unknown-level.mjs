// nest-winston's fatal(), with npm's levels.
import { flumeLogger } from './logger.mjs';

flumeLogger().log('fatal', 'a');
