import {megabytes, milliseconds, type Run} from './measure.ts';

/** The runs of one command, by size. Sizes that take too long are missing. */
export type Curve = ReadonlyMap<number, Run>;

/** Returns a table with one row for each command, one column for each size, the growth exponent, and the largest memory. */
export function growthTable(sizes: readonly number[], what: string, curves: ReadonlyMap<string, Curve>): readonly string[] {
	return [
		`| command | ${sizes.map((size) => `${size.toLocaleString('en')} ${what}`).join(' | ')} | exponent | memory |`,
		`| --- | ${sizes.map(() => '---').join(' | ')} | --- | --- |`,
		...[...curves].map(([name, curve]) => {
			const times = sizes.map((size) => {
				const run = curve.get(size);
				return run === undefined ? '–' : milliseconds(run.milliseconds);
			});
			const largest = [...curve.values()].at(-1);
			return `| ${name} | ${times.join(' | ')} | ${exponentText(curve)} | ${megabytes(largest?.megabytes ?? null)} |`;
		}),
	];
}

/** Returns the exponent of the growth from 100 to the largest size: 1 is linear. */
export function exponentOf(curve: Curve): number | undefined {
	const points = [...curve].filter(([size]) => size >= 100);
	const [first, last] = [points[0], points.at(-1)];
	if (first === undefined || last === undefined || first === last) return undefined;
	return Math.log(last[1].milliseconds / first[1].milliseconds) / Math.log(last[0] / first[0]);
}

function exponentText(curve: Curve): string {
	const exponent = exponentOf(curve);
	return exponent === undefined ? '–' : exponent.toFixed(2);
}

const width = 48;

/** Returns the times as bars, each as long as its share of the longest one. */
export function growthChart(sizes: readonly number[], curves: ReadonlyMap<string, Curve>): readonly string[] {
	const times = [...curves.values()].flatMap((curve) => [...curve.values()].map((run) => run.milliseconds));
	const longest = Math.max(...times);
	const label = Math.max(...[...curves.keys()].map((name) => plain(name).length));
	const lines = [...curves].flatMap(([name, curve]) =>
		sizes.flatMap((size, index) => {
			const run = curve.get(size);
			if (run === undefined) return [];
			const bar = '█'.repeat(Math.max(1, Math.round((run.milliseconds / longest) * width)));
			return [`${(index === 0 ? plain(name) : '').padEnd(label)} ${String(size).padStart(6)} ${bar} ${milliseconds(run.milliseconds)}`];
		}),
	);
	return ['```', ...lines, '```'];
}

function plain(name: string): string {
	return name.replaceAll('`', '');
}
