// A few seeds of every simulation, in this process, where StrykerJS sees what they reach.
import { it } from 'node:test';
import { runSeeds, silence } from '../delivery/simulate.ts';

silence();
it('outages', async () => void (await runSeeds('agents', 0, 1, 200)));
it('disks', async () => void (await runSeeds('spool', 0, 1, 100)));
