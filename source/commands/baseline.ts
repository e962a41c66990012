import {existsSync} from 'node:fs';
import {MigrError} from '../core/errors.ts';
import {baseline as adopt} from '../core/migrations/baseline.ts';
import {clean} from '../core/text/clean.ts';
import {plural} from '../core/text/numbers.ts';
import {version} from '../core/version.ts';
import type {BaselineJson} from './json.ts';
import {defineCommand} from './line/command.ts';
import {exitCode} from './line/exit-code.ts';
import {configOf} from './project.ts';
import {shownPath} from './text/error-text.ts';

export const baseline = defineCommand({
	name: 'baseline',
	summary: 'adopt an existing database: its schema becomes the first migration',
	argument: {name: 'name', required: true, help: 'of the new migration; or of one that is there and makes just this schema'},
	flags: {format: {type: 'string', value: 'ts|sql', choices: ['ts', 'sql'], help: 'of the file (default: format in migrate.toml, otherwise ts)'}},
	description: [
		'Writes a migration that would create the schema of the database, and notes it as applied. Nothing of it is run: tables and rows stay as they are. The bookkeeping of other tools is named and left alone.',
		'For the next database of the same kind, give the name of that migration: it is noted as applied there, if the schema is the same.',
	],
	examples: [['lite-migr baseline start', '']],
	async run(context) {
		const {argument: name = '', flags, cwd, output} = context;
		const config = configOf(context);
		if (!existsSync(config.dbPath)) {
			throw new MigrError('database', `there is no database at ${clean(config.dbPath)}`, {
				hint: 'baseline is for one that exists; check db_path in migrate.toml, or --db',
			});
		}
		const format = (flags.format as 'ts' | 'sql' | undefined) ?? config.format;
		const done = await adopt({...config, format, name, now: new Date(), toolVersion: version});
		output.json({...done, database: config.dbPath} satisfies BaselineJson);
		if (done.path !== null) output.line(`✔ wrote ${shownPath(done.path, cwd)}: ${plural(done.tables, 'table')} as they are`);
		output.line(`✔ noted as applied: ${done.applied.map(clean).join(', ')}; no table was touched`);
		for (const {tool, tables} of done.tools) {
			output.line(
				`! the database was migrated by ${tool} before; its ${tables.map(clean).join(', ')} is left alone and can be dropped when nothing needs it any more`,
			);
		}
		output.line('  next: lite-migr diff shows what the models say otherwise');
		return exitCode.done;
	},
});
