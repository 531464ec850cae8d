// What an editor shows of an option: every property of every exported options type has a sentence, those that may be left
// out their default, and times and sizes their unit. By the compiler's own eyes, on the packed declarations.

import assert from 'node:assert/strict';
import { createRequire } from 'node:module';
import path from 'node:path';
import { test } from 'node:test';
import type ts from 'typescript-5';
import { installApplication, newest } from './application.ts';
import { toolFolder } from './tools.ts';
