import type {FoundModels} from '../../core/models/found-models.ts';
import {bytes, plural} from '../../core/text/numbers.ts';
import {openSelect, reduceSelect, type SelectState} from '../components/select/reduce-select.ts';
import {type SelectEntry, selectLines} from '../components/select/select-lines.ts';
import type {FoundDatabase, InitRequest, LocalD1} from '../existing-database.ts';
import {types} from '../keys/key.ts';
import {done, next} from '../keys/screen-step.ts';
import {line, prose, span, spans} from '../page/line.ts';
import type {Page} from '../page/page.ts';
import type {Screen} from '../page/screen.ts';

export interface StartProps {
	readonly version: string;
	/** Database files in the folder. */
	readonly databases: readonly FoundDatabase[];
	/** D1 databases in wrangler's configuration. */
	readonly d1: readonly LocalD1[];
	/** The name of a new database. */
	readonly newName: string;
}

/** The database that setup chooses if nothing else is known. */
export const defaultName = 'app.db';

/** Asks which database to set up. The result is null if the user stops. */
export function startScreen({version, databases, d1, newName}: StartProps): Screen<SelectState, {readonly db: string | undefined} | null> {
	const entries: readonly (SelectEntry & {readonly db: string | undefined})[] = [
		...databases.map((found) => ({
			db: found.name,
			label: spans('Set up for ', span(found.name, 'accent')),
			hint: spans(span(`an existing database, ${contentsOf(found)}`, 'quiet')),
		})),
		...d1.map(({name, file, hasMigrations, isCreated}) => ({
			db: `d1-local:${name}`,
			label: spans('Set up for D1 ', span(name, 'accent')),
			hint: spans(
				span(`${file}, ${isCreated ? (hasMigrations ? 'with its migrations' : 'on this machine') : 'not created on this machine yet'}`, 'quiet'),
			),
		})),
		...(databases.some(({name}) => name === newName)
			? []
			: [
					{
						db: newName === defaultName ? undefined : newName,
						label: spans('Set up for a new ', span(newName, 'accent')),
						hint: spans(span('created by the first upgrade', 'quiet')),
					},
				]),
	];
	return menuScreen(entries, (entry) => ({db: entry.db}), {
		title: line(span(`lite-migr ${version}`, 'strong')),
		top: [
			prose(0, 'There is no migrate.toml in this folder or a parent folder.'),
			prose(0, span('Setup writes migrate.toml and creates migrations/. Nothing else is changed.', 'quiet')),
			line(),
		],
	});
}

function contentsOf({bytes: size, tables}: FoundDatabase): string {
	return tables === null ? 'cannot be read' : `${bytes(size)}, ${plural(tables, 'table')}`;
}

export type ExistingAnswer = 'models' | 'adopt' | 'fresh' | 'look';

/** Asks what to do with an existing database. The result is null if the user goes back, or stops if it is the first screen. */
export function existingScreen(
	found: FoundDatabase,
	models: FoundModels | null,
	wayOut: 'stop' | 'back',
): Screen<SelectState, ExistingAnswer | null> {
	const {name, tables, tool} = found;
	const entries: readonly (SelectEntry & {readonly answer: ExistingAnswer})[] = [
		...(models === null
			? []
			: [
					{
						answer: 'models' as const,
						label: spans('Adopt it with ', span(placeOf(models), 'accent')),
						hint: spans(span('as the models; no change to the database', 'quiet')),
					},
				]),
		{
			answer: 'adopt',
			label: spans('Adopt it'),
			hint: spans(span(`models from its ${tables === null ? 'tables' : plural(tables, 'table')}, no change to the database`, 'quiet')),
		},
		{answer: 'fresh', label: spans('Start fresh'), hint: spans(span('a new database, your own models', 'quiet'))},
		{answer: 'look', label: spans('Look around'), hint: spans(span('tables, columns, rows; changes nothing', 'quiet'))},
	];
	return menuScreen(
		entries,
		({answer}) => answer,
		{
			title: prose(2, span(name, 'strong'), `   ${contentsOf(found)}`, tool === null ? '' : `, migrated by ${tool} so far`),
		},
		wayOut,
	);
}

/** A model to write, or the existing models to use. */
export type FirstModel = Pick<InitRequest, 'firstModel' | 'models' | 'casing'>;

/** Returns where models are, for users: `./src/db/schema.ts and 2 more`. */
function placeOf({models}: FoundModels): string {
	const [first = '', ...others] = [models].flat();
	return others.length === 0 ? first : `${first} and ${others.length} more`;
}

/** Asks for the language of the first model. The result is null if the user stops. */
export function firstModelScreen(models: FoundModels | null): Screen<SelectState, FirstModel | null> {
	const entries: readonly (SelectEntry & FirstModel)[] = [
		...(models === null
			? []
			: [
					{
						firstModel: null,
						models: models.models,
						casing: models.casing,
						label: spans(span(placeOf(models), 'accent')),
						hint: spans(span(`your ${models.kind} schema, unchanged`, 'quiet')),
					},
				]),
		{firstModel: 'ts', label: spans('TypeScript'), hint: spans(span('models/user.ts, with row types inferred', 'quiet'))},
		{firstModel: 'sql', label: spans('SQL'), hint: spans(span('models/schema.sql, plain CREATE TABLE', 'quiet'))},
		{
			firstModel: null,
			label: spans('None'),
			hint: spans(span(models === null ? 'write your own; Drizzle, Prisma and pylite-orm models work too' : 'write your own', 'quiet')),
		},
	];
	return menuScreen(entries, ({firstModel, models: existing, casing}) => ({firstModel, models: existing, casing}), {
		title: line(span('A first model?', 'strong')),
		top: [prose(0, 'Models describe the schema you want. Which language should the first one use?'), line()],
	});
}

function menuScreen<Entry extends SelectEntry, Result>(
	entries: readonly Entry[],
	resultOf: (entry: Entry) => Result,
	page: Pick<Page, 'title' | 'top'>,
	wayOut: 'stop' | 'back' = 'stop',
): Screen<SelectState, Result | null> {
	return {
		initial: () => openSelect(entries),
		reduce: (state, key) => {
			if (key.name === 'escape' || types(key, 'q')) return done(state, null);
			const step = reduceSelect(state, key, entries);
			const entered = step.entered === undefined ? undefined : entries[step.entered];
			return entered === undefined ? next(step.state) : done(step.state, resultOf(entered));
		},
		view: (state, look) => ({
			...page,
			...selectLines(entries, state, look),
			hints: [
				{keys: '↑↓', label: 'move', isExtra: true},
				{keys: 'enter', label: 'choose'},
				{keys: 'esc', label: wayOut, explanation: 'nothing is written'},
			],
		}),
	};
}
