import {spawnSync} from 'node:child_process';
import {readFileSync, writeFileSync} from 'node:fs';
import {arch, cpus, platform, totalmem} from 'node:os';
import {join} from 'node:path';
import {backups} from './backups.ts';
import {effects} from './effects.ts';
import {fleets} from './fleets.ts';
import {histories} from './histories.ts';
import {largeSchema} from './large-schema.ts';
import {hasCommand} from './measure.ts';
import {fiveMillionRows, millionRows} from './million-rows.ts';
import {repository} from './project.ts';
import {screens} from './screens.ts';
import {startup} from './startup.ts';
import {tables} from './tables.ts';
import {testDatabases} from './test-databases.ts';

// Measures everything side by side in one run and compares ratios, because machines differ and are noisy. `npm run bench startup` runs only one part, and
// `npm run bench startup -- --write` also replaces its section in RESULTS.md.

const parts = {
	startup,
	screens,
	histories,
	tables,
	'large-schema': largeSchema,
	'million-rows': millionRows,
	'five-million-rows': fiveMillionRows,
	backups,
	effects,
	fleets,
	'test-databases': testDatabases,
};

if (!hasCommand('sqlite3')) throw new Error('the benchmark needs the sqlite3 shell to compare with');
const given = process.argv.slice(2);
const asked = given.filter((argument) => argument !== '--write');
const sections: string[] = [];
for (const [name, part] of Object.entries(parts)) {
	if (asked.length > 0 && !asked.includes(name)) continue;
	const section = await part();
	process.stdout.write(`${section}\n\n`);
	sections.push(section);
}
const results = join(repository, 'bench', 'RESULTS.md');
if (asked.length === 0) writeFileSync(results, `${[header(), ...sections].join('\n\n')}\n`);
else if (given.includes('--write')) writeFileSync(results, replaced(readFileSync(results, 'utf8'), sections));

/** Replaces the sections of some parts, or adds them at the end, with the day on which they were measured. */
function replaced(text: string, measured: readonly string[]): string {
	const [head = '', ...old] = text.trimEnd().split(/\n\n(?=## )/);
	const titleOf = (section: string) => section.split('\n', 1)[0];
	const dated = measured.map((section) =>
		section.replace(/^(## .+)\n/, `$1\n\nMeasured on ${new Date().toISOString().slice(0, 10)}, apart from the other sections.\n`),
	);
	const kept = old.map((section) => dated.find((each) => titleOf(each) === titleOf(section)) ?? section);
	const added = dated.filter((each) => !old.some((section) => titleOf(section) === titleOf(each)));
	return `${[head, ...kept, ...added].join('\n\n')}\n`;
}

function header(): string {
	const shell = spawnSync('sqlite3', ['--version'], {encoding: 'utf8'}).stdout.split(' ')[0];
	const [cpu] = cpus();
	return [
		'# Benchmark',
		'',
		`Written by \`npm run bench\` on ${new Date().toISOString().slice(0, 10)}: ${platform()} ${arch()}, ${cpus().length} × ${cpu?.model.trim() || 'CPU'}, ${Math.round(totalmem() / 2 ** 30)} GB; Node ${process.versions.node}, sqlite3 shell ${shell}.`,
		'Compare these numbers only with each other: they come from one run on one machine.',
	].join('\n');
}
