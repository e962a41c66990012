import {placeText, prismaError, valueText} from './prisma-error.ts';
import type {PrismaFile, SettingsBlock} from './syntax.ts';

export interface Datasource {
	/** False if Prisma Client checks relations, so the database has no foreign keys. */
	readonly hasForeignKeys: boolean;
}

/**
 * Returns the settings in the datasource that affect the schema. Its `url` is not read: `migrate.toml` names the database.
 *
 * @throws MigrError `model` if there is no datasource, more than one, or one for another database
 */
export function datasourceOf(files: readonly PrismaFile[]): Datasource {
	const blocks = files.flatMap((file) => file.blocks).filter((block): block is SettingsBlock => block.kind === 'datasource');
	const [block, second] = blocks;
	if (block === undefined) {
		const file = files[0]?.path ?? '';
		throw prismaError(
			{file, line: 1},
			'no Prisma schema here has a datasource',
			'add the file with the datasource block to models_dir, or write datasource db { provider = "sqlite" }',
		);
	}
	if (second !== undefined) {
		throw prismaError(
			second.place,
			`there are two datasources: the first is at ${placeText(block.place)}`,
			'set models_dir to the files of one Prisma schema',
		);
	}
	const setting = (name: string) => block.settings.find((each) => each.name === name);
	const provider = setting('provider');
	if (provider === undefined) throw prismaError(block.place, `datasource ${block.name} has no provider`, 'write provider = "sqlite"');
	if (provider.value.kind !== 'string')
		throw prismaError(provider.place, `provider must be in double quotes, not ${valueText(provider.value)}`, 'write provider = "sqlite"');
	if (provider.value.text !== 'sqlite') {
		throw prismaError(
			provider.place,
			`the datasource is for ${provider.value.text}, but lite-migr only supports SQLite`,
			'set provider to "sqlite", or keep prisma migrate for this database and change models_dir',
		);
	}
	const mode = setting('relationMode') ?? setting('referentialIntegrity');
	const isKnown = mode === undefined || (mode.value.kind === 'string' && /^(?:foreignKeys|prisma)$/.test(mode.value.text));
	if (!isKnown) throw prismaError(mode.place, `${mode.name} cannot be ${valueText(mode.value)}`, 'use "foreignKeys" or "prisma"');
	return {hasForeignKeys: mode?.value.kind !== 'string' || mode.value.text === 'foreignKeys'};
}
