import {mkdtempSync, rmSync} from 'node:fs';
import {tmpdir} from 'node:os';
import {join} from 'node:path';
import {projects} from './projects.ts';
import {repositoryFiles} from './repository.ts';
import {adoptProject, importHistory} from './story.ts';
const [folder = '', ...names] = process.argv.slice(2);
for (const project of projects) {
	if (names.length > 0 && !names.includes(project.name)) continue;
	const temporary = mkdtempSync(join(tmpdir(), 'lite-migr-public-'));
	const start = Date.now();
	try {
		const files = repositoryFiles(folder, project.repository, project.commit);
		const result = await adoptProject(project, files, join(temporary, 'a'));
		console.log(`## ${project.name}`, JSON.stringify(result.counts), result.change.join('; '), `${Date.now() - start} ms`);
		for (const [name, outcome] of Object.entries(result.steps)) if (!outcome.ok || outcome.notes) console.log('  ', name, JSON.stringify(outcome).slice(0, 1500));
		if (project.definitions.kind === 'migrations') {
			const steps = await importHistory(project, project.definitions, files, join(temporary, 'b'));
			for (const [name, outcome] of Object.entries(steps)) if (!outcome.ok || outcome.notes) console.log('   IMPORT', name, JSON.stringify(outcome).slice(0, 1500));
		}
	} catch (error) {
		console.log(`## ${project.name} CRASH`, (error as Error).stack?.slice(0, 1200));
	} finally {
		rmSync(temporary, {recursive: true, force: true});
	}
}
