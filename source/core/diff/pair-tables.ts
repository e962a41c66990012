import {nameKey, sameName} from '../schema/identifiers.ts';
import type {Schema, Table} from '../schema/schema.ts';
import {plural} from '../text/numbers.ts';
import {annotatedPairs} from './annotated-renames.ts';
import type {Answers} from './answers.ts';
import {dropFlag, ignoreFlag, renameFlag} from './flags.ts';
import type {Candidate, DropObjectQuestion, RenameQuestion} from './question.ts';
import {minSimilarity, nameSimilarity, tableSimilarity} from './similarity.ts';

export interface TablePair {
	readonly before: Table;
	readonly after: Table;
}

export interface PairedTables {
	readonly pairs: readonly TablePair[];
	/** Tables to create. */
	readonly added: readonly Table[];
	/** Tables to drop, with confirmation. */
	readonly dropped: readonly Table[];
	readonly questions: readonly (RenameQuestion | DropObjectQuestion)[];
}

/** Pairs the tables of the database with those of the models: first by decision, then by annotations in the models, then by name. Asks about the rest. */
export function pairTables(from: Schema, to: Schema, answers: Answers): PairedTables {
	const gone = new Map(from.tables.map((table) => [nameKey(table.name), table]));
	const pairs: TablePair[] = [];
	const paired = new Set<Table>();
	const put = (after: Table, before: Table | undefined) => {
		if (before === undefined || paired.has(after)) return;
		gone.delete(nameKey(before.name));
		paired.add(after);
		pairs.push({before, after});
	};
	for (const after of to.tables) {
		const name = answers.renamedFrom(after.name);
		if (name !== undefined) put(after, gone.get(nameKey(name)));
	}
	const annotated = annotatedPairs({
		before: gone,
		after: to.tables.filter((after) => !paired.has(after)),
		isDropped: answers.dropsObject,
		path: (name) => name,
		flag: (old, name) => renameFlag(old, undefined, name),
	});
	for (const [after, before] of annotated) put(after, before);
	for (const after of to.tables) put(after, gone.get(nameKey(after.name)));

	const unpaired = to.tables.filter((after) => !paired.has(after));
	const consented = [...gone.values()].filter(({name}) => answers.dropsObject(name));
	const undecided = consented.length === 0 ? [...gone.values()] : [...gone.values()].filter((table) => !consented.includes(table));
	const renames = answers.noRenames ? [] : unpaired.flatMap((after) => renameQuestion(after, undecided));
	const open = new Set(renames.flatMap(({candidates}) => candidates.map(({name}) => name)));
	const rest = undecided.filter(({name}) => !open.has(name));
	const renameTargets = new Set(renames.map((question) => question.to));
	return {
		pairs,
		added: unpaired.filter((after) => !renameTargets.has(after.name)),
		dropped: [...consented, ...(answers.allowDrops ? rest : [])],
		questions: [...renames, ...(answers.allowDrops ? [] : rest.map(dropQuestion))],
	};
}

function renameQuestion(after: Table, gone: readonly Table[]): readonly RenameQuestion[] {
	const scored = gone
		.map((before) => ({before, similarity: tableSimilarity(before, after)}))
		.filter(({similarity}) => similarity >= minSimilarity)
		.sort((a, b) => b.similarity - a.similarity);
	const best = scored[0];
	if (best === undefined) return [];
	const isClear = best.similarity >= 0.5 && best.similarity - (scored[1]?.similarity ?? 0) >= 0.15;
	const candidates = scored.map(({before, similarity}, index): Candidate => {
		const shared = after.columns.filter(({name}) => before.columns.some((column) => sameName(column.name, name))).length;
		return {
			name: before.name,
			similarity,
			likely: index === 0 && isClear,
			evidence: [
				`names ${Math.round(nameSimilarity(before.name, after.name) * 100)}% similar`,
				`${shared} of ${after.columns.length} columns the same`,
			],
		};
	});
	return [
		{
			kind: 'rename',
			id: `rename:${after.name}`,
			table: best.before.name,
			to: after.name,
			candidates,
			message: `table ${after.name} is new and ${listed(candidates.map(({name}) => name))} gone`,
			flags: [...candidates.map(({name}) => renameFlag(name, undefined, after.name)), ...candidates.map(({name}) => dropFlag(name))],
		},
	];
}

function dropQuestion(table: Table): DropObjectQuestion {
	return {
		kind: 'drop',
		id: `drop:${table.name}`,
		table: table.name,
		object: 'table',
		message: `table ${table.name} is in the database and not in the models`,
		flags: [dropFlag(table.name), ignoreFlag(table.name)],
	};
}

/** A sentence cannot list more names than this. Each candidate is shown separately with its evidence anyway. */
const mostListed = 6;

/** Lists names as a subject with its verb: `a is`, `a and b are`, `a, b, c, d, e and 295 others are`. */
export function listed(names: readonly string[]): string {
	if (names.length === 1) return `${names[0]} is`;
	const isLong = names.length > mostListed;
	const shown = names.slice(0, isLong ? mostListed - 1 : -1);
	return `${shown.join(', ')} and ${isLong ? plural(names.length - shown.length, 'other') : names.at(-1)} are`;
}
