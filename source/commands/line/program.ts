/** The parts of the command line that `cli.tsx` loads. In one file, because each import costs almost a millisecond at startup. */

export {version} from '../../core/version.ts';
export {quietNodeWarnings} from './node-warnings.ts';
export {ownOutputs} from './own-output.ts';
export {run} from './run.ts';
export {supportsLinks, wantsColor} from './terminal.ts';
