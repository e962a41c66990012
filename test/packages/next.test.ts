import {rmSync} from 'node:fs';
import {describe, expect, test} from 'vitest';
import {freshProject, migrations, userColumns} from './fresh-project.ts';

const packed = process.env.PACKED ?? '';

const page = `import {apply} from 'lite-migr';
export const dynamic = 'force-dynamic';
export default async function Page() {
	const lines = [];
	for await (const event of apply({database: 'app.db', migrationsDir: 'migrations'})) {
		if (event.type === 'failed') lines.push(event.message);
		if (event.type === 'migrationDone') lines.push('applied ' + event.migration);
	}
	return <p>{lines.join(', ')}</p>;
}
`;

/** Starts the built server, requests the page once and prints its paragraph. */
const server = `import {createServer} from 'node:http';
import next from 'next';
const app = next({dev: false});
await app.prepare();
const handle = app.getRequestHandler();
const server = createServer((request, response) => handle(request, response)).listen(0, async () => {
	const response = await fetch('http://127.0.0.1:' + server.address().port);
	console.log('page: ' + /<p>([^<]*)/.exec(await response.text())?.[1]);
	process.exit(0);
});
`;

describe('a page of Next.js', () => {
	test('migrates, built by Turbopack and by webpack, with lite-migr as an external package and as a part of the bundle', async () => {
		const project = freshProject({
			...migrations,
			'package.json': '{"private": true}',
			'app/layout.js': 'export default function Layout({children}) {\n\treturn <html><body>{children}</body></html>;\n}\n',
			'app/page.js': page,
			'server.mjs': server,
		});
		const installed = await project.run('npm', 'install', '--no-audit', '--no-fund', packed, 'next@16.4.6', 'react@19.3.1', 'react-dom@19.3.1');
		expect(installed).toMatchObject({code: 0});
		const next = project.at('node_modules/.bin/next');
		for (const bundler of ['--turbopack', '--webpack']) {
			for (const config of [{serverExternalPackages: ['lite-migr', 'better-sqlite3']}, {}]) {
				project.write('next.config.mjs', `export default ${JSON.stringify(config)};\n`);
				for (const left of ['.next', 'app.db']) rmSync(project.at(left), {recursive: true, force: true});
				const build = await project.run(next, 'build', bundler);
				expect({bundler, config, ...build}).toMatchObject({bundler, config, code: 0});
				expect(build.output).not.toMatch(/critical dependency|module not found/i);
				const {output} = await project.run(process.execPath, 'server.mjs');
				expect({bundler, config, output}).toMatchObject({
					output: expect.stringContaining('page: applied 20260101_000000_user, applied 20260102_000000_age'),
				});
				expect(project.columns('app.db', 'user')).toEqual(userColumns);
			}
		}
	});
});
