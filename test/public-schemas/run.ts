/**
 * Adopts the databases of public projects: `npm run test:public-schemas -- CLONES [--update] [NAME …]`. CLONES is a folder with a clone of each
 * repository in `projects.ts`. Fails if a result differs from `results.json`; `--update` writes that file and `docs/public-schemas.md` instead.
 */
import {mkdtempSync, readFileSync, rmSync, writeFileSync} from 'node:fs';
import {tmpdir} from 'node:os';
import {join} from 'node:path';
import {isDeepStrictEqual} from 'node:util';
import {resultsPage} from './page.ts';
import type {PublicProject} from './project.ts';
import {projects} from './projects.ts';
import {repositoryFiles} from './repository.ts';
import type {ProjectResult} from './result.ts';
import {adoptProject, importHistory} from './story.ts';

const resultsFile = join(import.meta.dirname, 'results.json');
const page = join(import.meta.dirname, '../../docs/public-schemas.md');

const [clones, ...rest] = process.argv.slice(2);
const isUpdate = rest.includes('--update');
const names = rest.filter((argument) => argument !== '--update');
if (clones === undefined) {
	process.stderr.write(
		'npm run test:public-schemas -- CLONES [--update] [NAME …]\nCLONES is a folder with bare clones, such as CLONES/usememos/memos.git\n',
	);
	process.exit(2);
}

const known = JSON.parse(readFileSync(resultsFile, 'utf8')) as readonly ProjectResult[];
const chosen = projects.filter(({name}) => names.length === 0 || names.includes(name));
if (chosen.length === 0) throw new Error(`no project is called ${names.join(' or ')}`);
const results = new Map(known.filter(({name}) => projects.some((project) => project.name === name)).map((result) => [result.name, result]));
for (const project of chosen) {
	const started = Date.now();
	const result = await resultOf(project, clones).catch((error: Error) => error);
	if (result instanceof Error) {
		process.stdout.write(`failed     ${result.message}\n`);
		process.exitCode = 1;
		continue;
	}
	const isSame = isDeepStrictEqual(result, results.get(project.name));
	process.stdout.write(`${isSame ? 'as before' : 'different'}  ${project.name} (${((Date.now() - started) / 1000).toFixed(1)} s)\n`);
	if (!isSame && !isUpdate) process.exitCode = 1;
	if (!isSame) process.stdout.write(`${JSON.stringify(result, null, '\t')}\n`);
	results.set(project.name, result);
}
if (isUpdate) {
	const all = projects.flatMap(({name}) => results.get(name) ?? []);
	writeFileSync(resultsFile, `${JSON.stringify(all, null, '\t')}\n`);
	writeFileSync(page, resultsPage(all));
}

async function resultOf(project: PublicProject, folder: string): Promise<ProjectResult> {
	const temporary = mkdtempSync(join(tmpdir(), 'lite-migr-public-'));
	try {
		const files = repositoryFiles(folder, project.repository, project.commit);
		const result = await adoptProject(project, files, join(temporary, 'adopted'));
		if (project.definitions.kind !== 'migrations') return result;
		return {...result, history: await importHistory(project, project.definitions, files, join(temporary, 'imported'))};
	} catch (cause) {
		throw new Error(`${project.name}: ${(cause as Error).message}`, {cause});
	} finally {
		rmSync(temporary, {recursive: true, force: true});
	}
}
