import fc from 'fast-check';
import {expect, test} from 'vitest';
import {schemaOf} from '../../source/core/ddl/read.ts';
import {noDecisions} from '../../source/core/diff/question.ts';
import {draftMigration} from '../../source/core/migrations/draft/draft.ts';
import {objectOf} from '../../source/core/models/objects.ts';
import {readPrismaModels} from '../../source/core/models/prisma/read.ts';
import {advanceAll} from '../../source/core/operations/advance.ts';
import type {Schema} from '../../source/core/schema/schema.ts';
import {introspect} from '../../source/core/sqlite/introspect.ts';
import {openInMemory} from '../../source/core/sqlite/open.ts';
import {prismaSql} from './engine.ts';
import {generatedSchema} from './generated-schema.ts';

/** What users and older versions of Prisma write, and Prisma does not see. */
const unseen: readonly (readonly [RegExp, string])[] = [
	[/ TEXT(?= NOT NULL,$|,$)/gm, ' VARCHAR(20) COLLATE NOCASE'],
	[/ DATETIME/g, ' timestamp'],
	[/ DECIMAL/g, ' NUMERIC(10, 2)'],
	[/ REAL/g, ' double'],
	[/PRIMARY KEY AUTOINCREMENT/g, 'PRIMARY KEY'],
	[/CONSTRAINT "[^"]*_fkey" /g, ''],
	[/( ON UPDATE (?:CASCADE|SET NULL|SET DEFAULT|RESTRICT|NO ACTION))/g, '$1 DEFERRABLE INITIALLY DEFERRED'],
	[/DEFAULT true/g, 'DEFAULT 1'],
	[/DEFAULT CURRENT_TIMESTAMP/g, "DEFAULT (datetime('now'))"],
	[/^(\s+"(?:c0|c1|k1)" [^'\n]*?)(,?)$/gm, '$1 CHECK (1 + 1 = 2)$2'],
];

function built(sql: string): Schema {
	const db = openInMemory();
	try {
		db.exec(sql);
		return introspect(db);
	} finally {
		db.close();
	}
}

const draft = (from: Schema, text: string) =>
	draftMigration({
		from,
		models: schemaOf(readPrismaModels([{path: 'schema.prisma', text}]).map(objectOf)),
		decisions: {...noDecisions, allowDrops: true, noRenames: true},
	});

const accepted = async (text: string) =>
	prismaSql(text).catch((error: unknown) => {
		if ((error as {readonly code?: string}).code !== 'P1012') throw error;
		fc.pre(false);
		return '';
	});

const changes = fc.subarray([...unseen.keys()]);
const altered = (sql: string, chosen: readonly number[]) =>
	chosen.reduce((text, at) => (unseen[at] === undefined ? text : text.replace(unseen[at][0], unseen[at][1])), sql);
const numRuns = Number(process.env.PRISMA ?? '300');

test('a database that says more than its schema can say does not differ from it', async () => {
	await fc.assert(
		fc.asyncProperty(generatedSchema, changes, async (text, chosen) => {
			const {operations, questions} = draft(built(altered(await accepted(text), chosen)), text);
			expect([...operations, ...questions]).toEqual([]);
		}),
		{numRuns},
	);
});

test('after a migration to another schema, nothing differs', async () => {
	await fc.assert(
		fc.asyncProperty(generatedSchema, changes, generatedSchema, async (text, chosen, other) => {
			const from = built(altered(await accepted(text), chosen));
			await accepted(other);
			const {operations} = draft(from, other);
			const after = advanceAll(from, operations);
			const again = draft(after, other);
			expect([...again.operations, ...again.questions]).toEqual([]);
		}),
		{numRuns},
	);
});
