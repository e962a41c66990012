/** What `cli.tsx` loads of the command line. In one file, since each that is imported costs most of a millisecond at start-up. */

export {version} from '../../core/version.ts';
export {quietNodeWarnings} from './node-warnings.ts';
export {requireReader, takeStdout} from './own-stdout.ts';
export {run} from './run.ts';
export {wantsColor} from './terminal.ts';
