import type {ApplyOptions} from './apply-options.ts';

/** Returns the command line of a run: `lite-migr upgrade --to 0012`. */
export function runCommand({direction, to, steps}: Pick<ApplyOptions, 'direction' | 'to' | 'steps'>): string {
	return ['lite-migr', direction, ...(to === undefined ? [] : ['--to', to]), ...(steps === undefined ? [] : ['--steps', String(steps)])].join(' ');
}
