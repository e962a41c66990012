import {registerHooks} from 'node:module';
import {pathToFileURL} from 'node:url';

// Answers with the statements that drizzle-kit creates for a schema file and an empty database. It is a separate process, since the drizzle-kit of
// drizzle-orm 1 must find that drizzle-orm, which is installed under another name: fork('kit-process.ts', [kit module]).

interface Kit {
	generateDrizzleJson?(exports: object): Promise<unknown>;
	generateMigration?(from: unknown, to: unknown): Promise<string[]>;
	generateSQLiteDrizzleJson?(exports: object, previous?: string, casing?: string): Promise<unknown>;
	generateSQLiteMigration?(from: unknown, to: unknown): Promise<string[]>;
}

export interface KitRequest {
	readonly number: number;
	readonly schema: string;
	readonly casing?: string;
}

export interface KitAnswer {
	readonly number: number;
	readonly statements?: readonly string[];
	readonly problem?: string;
}

registerHooks({
	resolve(specifier, context, next) {
		const isNext = /^drizzle-orm(\/|$)/.test(specifier) && context.parentURL?.includes('/drizzle-kit-next/') === true;
		return next(isNext ? specifier.replace('drizzle-orm', 'drizzle-orm-next') : specifier, context);
	},
});

const kit = (await import(pathToFileURL(process.argv[2] ?? '').href)) as Kit;
const migration = kit.generateSQLiteMigration ?? kit.generateMigration;

async function statementsFor({schema, casing}: KitRequest): Promise<readonly string[] | undefined> {
	const snapshot = async (from: object): Promise<unknown> =>
		kit.generateSQLiteDrizzleJson?.(from, undefined, casing) ?? kit.generateDrizzleJson?.(from);
	return await migration?.(await snapshot({}), await snapshot({...((await import(pathToFileURL(schema).href)) as object)}));
}

process.on('message', async (request: KitRequest) => {
	const {number} = request;
	const answer: KitAnswer = await statementsFor(request).then(
		(statements) => ({number, ...(statements === undefined ? {} : {statements})}),
		(error: unknown) => ({number, problem: String(error)}),
	);
	process.send?.(answer);
});
