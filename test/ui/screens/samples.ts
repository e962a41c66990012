import type {DropQuestion, FillQuestion, RenameQuestion} from '../../../source/core/diff/question.ts';
import type {Evidence} from '../../../source/core/migrations/draft/evidence.ts';
import type {Finding} from '../../../source/core/migrations/finding.ts';
import type {DisplayedError} from '../../../source/ui/components/error-view/error-lines.ts';
import type {BrowsedObject, PullPreview} from '../../../source/ui/existing-database.ts';
import type {FleetRun} from '../../../source/ui/run/fleet-page.ts';
import {noFleet} from '../../../source/ui/run/fleet-state.ts';
import type {PlannedFleet} from '../../../source/ui/screens/fleet.ts';
import type {
	Assessment,
	ChangedObject,
	DraftPreview,
	ListedMigration,
	MigrationDetails,
	Overview,
	RestorePlan,
	RunPreview,
	RunRehearsal,
} from '../../../source/ui/services.ts';

/** Sample data of a project, for screens. */
export const now = Date.parse('2026-11-22T17:53:00Z');

export const overview: Overview = {
	configFile: 'migrate.toml',
	database: 'shop/app.db',
	isRemote: false,
	exists: true,
	bytes: 12_400_000,
	sqliteVersion: '3.54.1',
	applied: Array.from({length: 7}, (_, index) => ({
		name: `2026111${index}_101500_${index === 6 ? 'add_orders' : `step_${index}`}`,
		appliedAt: `2026-11-1${index + 3} 17:52:00`,
	})),
	pending: ['20261122_175200_names', '20261122_175300_events'],
	edited: [],
	missing: [],
	backups: [
		{
			id: '20261119T175203',
			path: 'backups/app-20261119T175203.db',
			bytes: 12_400_000,
			takenAt: Date.parse('2026-11-19T17:52:03Z'),
			before: '20261119_175000_orders',
		},
		{id: '20261102T090000', path: 'backups/app-20261102T090000.db', bytes: 11_000_000, takenAt: Date.parse('2026-11-02T09:00:00Z'), before: null},
	],
	hasModels: true,
	unmanagedTables: 0,
	now,
};

export const assessment: Assessment = {models: {kind: 'ahead', changes: 3, questions: 1}, drift: [], destructive: ['20261122_175300_events']};

export const rename: RenameQuestion = {
	kind: 'rename',
	id: 'rename:user.full_name',
	table: 'user',
	column: 'full_name',
	to: 'full_name',
	message: 'user.full_name is new and user.name and user.nick are gone',
	candidates: [
		{name: 'name', similarity: 0.8, likely: true, evidence: ['names 71% similar', 'TEXT = TEXT', 'NOT NULL = NOT NULL', 'index user_name follows']},
		{name: 'nick', similarity: 0.5, likely: false, evidence: ['names 31% similar', 'TEXT = TEXT', 'NULL → NOT NULL']},
	],
	flags: ['--rename user.name=full_name', '--rename user.nick=full_name', '--drop user.name', '--drop user.nick'],
};

export const renameEvidence: Evidence = {
	rows: 12_403,
	candidates: [
		{
			name: 'name',
			values: 12_403,
			samples: ['Ann Lee', 'Bob Hart', 'Cleo Diaz', 'Dee Fox', 'Eve Gil'].map((value, index) => ({row: `id ${index + 1}`, about: value, value})),
		},
		{name: 'nick', values: 8120, samples: ['annie', 'bobby'].map((value, index) => ({row: `id ${index + 1}`, about: value, value}))},
	],
	sql: null,
};

export const drop: DropQuestion = {
	kind: 'drop',
	id: 'drop:legacy_log',
	table: 'legacy_log',
	object: 'table',
	message: 'table legacy_log is in the database and not in the models',
	flags: ['--drop legacy_log', '--ignore legacy_log'],
};

export const dropEvidence: Evidence = {rows: 880_112, candidates: [{name: 'legacy_log', values: 880_112, samples: []}], sql: null};

export const fill: FillQuestion = {
	kind: 'fill',
	id: 'fill:user.email',
	table: 'user',
	column: 'email',
	isNew: false,
	message: 'user.email becomes NOT NULL',
	flags: ['--fill user.email="<SQL expression>"'],
};

export const fillEvidence: Evidence = {
	rows: 12_403,
	candidates: [
		{
			name: 'email',
			values: 41,
			samples: [
				{row: 'id 17', about: 'Ann Lee', value: null},
				{row: 'id 90', about: 'Bob Hart', value: null},
				{row: 'id 91', about: 'Cleo Diaz', value: null},
			],
		},
	],
	sql: 'SELECT id FROM user WHERE email IS NULL',
};

export const changes: readonly ChangedObject[] = [
	{
		mark: '~',
		label: 'user',
		strategy: 'rewrite',
		table: 'user',
		isDestructive: false,
		rows: 12_403,
		reasons: ['email is filled, and zip changes from TEXT to INTEGER'],
		changes: [
			{mark: '~', subject: 'name → full_name', text: 'rename', isDestructive: false},
			{mark: '~', subject: 'email', text: 'NOT NULL', isDestructive: false},
			{mark: '~', subject: 'zip', text: 'TEXT → INTEGER', isDestructive: true},
			{mark: '+', subject: 'age INTEGER DEFAULT 0', text: 'add column', isDestructive: false},
		],
	},
	{
		mark: '~',
		label: 'post',
		strategy: 'instant',
		table: 'post',
		isDestructive: false,
		rows: 0,
		reasons: [],
		changes: [{mark: '-', subject: 'CHECK (length(title) > 0)', text: '', isDestructive: false}],
	},
	{mark: '-', label: 'legacy_log', strategy: 'drop', table: 'legacy_log', isDestructive: true, rows: 880_112, reasons: [], changes: []},
	{
		mark: '+',
		label: 'tag',
		strategy: 'instant',
		table: 'tag',
		isDestructive: false,
		rows: 0,
		reasons: [],
		changes: [{mark: '+', subject: '3 columns', text: 'id, name, color', isDestructive: false}],
	},
];

export const draft: DraftPreview = {
	id: '5d2c77e1',
	questions: [],
	changes,
	sql: '-- upgrade\nALTER TABLE "user" RENAME COLUMN "name" TO "full_name";\nDROP TABLE "legacy_log";\n',
	cost: {rows: 892_515, bytes: 14_000_000, backupBytes: 12_400_000},
	findings: [],
	notices: [],
};

const base = {migration: '20261122_175200_names', samples: [], sql: null, fixes: []};

export const findings: readonly Finding[] = [
	{
		...base,
		kind: 'dropTable',
		table: 'legacy_log',
		column: null,
		message: 'is dropped with 880,112 rows',
		rows: 880_112,
		totalRows: 880_112,
		blocking: false,
		destructive: true,
	},
	{
		...base,
		kind: 'dropColumn',
		table: 'user',
		column: 'nick',
		message: 'is dropped with 8,120 values',
		rows: 8120,
		totalRows: 12_403,
		blocking: false,
		destructive: true,
	},
	{
		...base,
		kind: 'convert',
		table: 'user',
		column: 'zip',
		message: '3 values would change: TEXT → INTEGER',
		rows: 3,
		totalRows: 12_403,
		blocking: false,
		destructive: true,
		samples: [
			{row: 'id 4', value: '007', becomes: 7},
			{row: 'id 9', value: '1e3', becomes: 1000},
		],
		sql: 'SELECT id, zip FROM user WHERE zip <> CAST(zip AS INTEGER)',
	},
];

export const failing: Finding = {
	...base,
	kind: 'duplicate',
	table: 'events',
	column: 'uid',
	message: '3 duplicate values in 6 rows would violate UNIQUE (uid)',
	rows: 6,
	totalRows: 800_000,
	blocking: true,
	destructive: false,
	samples: [
		{row: 'id 4', value: 'a-17'},
		{row: 'id 90', value: 'a-17'},
	],
	sql: 'SELECT uid, count(*) FROM events GROUP BY uid HAVING count(*) > 1',
	fixes: ['delete or change the duplicate rows', 'remove the index from the model'],
};

export const plan: RunPreview = {
	id: '3f9c1a2b',
	direction: 'upgrade',
	database: 'shop/app.db',
	isRemote: false,
	from: '0007_add_orders',
	to: '20261122_175300_events',
	migrations: [{name: '20261122_175200_names', isDestructive: true, changes}],
	findings: [],
	rehearsal: null,
	bytesNeeded: 14_000_000,
	bytesFree: 80_000_000_000,
	backup: {folder: 'backups/', bytes: 12_400_000},
	notices: [],
	isEdited: false,
	needsConsent: false,
};

export const rehearsal: RunRehearsal = {
	durationMs: 800,
	effects: [
		{
			type: 'effects',
			migration: '20261122_175200_names',
			tables: [
				{
					table: 'user',
					rowsBefore: 12_410,
					rowsGone: 0,
					rowsAdded: 0,
					rowsChanged: 12_403,
					by: [{sql: 'UPDATE user SET email = lower(email)', location: {file: 'migrations/names.sql', line: 3}}],
					columns: [{column: 'email', valuesGone: 0, valuesChanged: 12_403, valuesConverted: 0, merged: false}],
					samples: [{row: 'id 4', column: 'email', before: 'Ann@Example.com', after: 'ann@example.com'}],
					note: null,
				},
				{
					table: 'session',
					rowsBefore: 88_112,
					rowsGone: 1204,
					rowsAdded: 0,
					rowsChanged: 0,
					by: [{sql: 'DELETE FROM session\n\tWHERE expires < 1', location: null}],
					columns: [],
					samples: [
						{row: 'id 17', column: null, before: null, after: null},
						{row: 'id 18', column: null, before: null, after: null},
					],
					note: null,
				},
			],
		},
	],
	problem: null,
};

export const history: readonly ListedMigration[] = [
	{name: '20261101_101500_start', state: 'applied', appliedAt: '2026-11-01 10:15:03', durationMs: 12, toolVersion: '1.0.0'},
	{name: '20261110_090000_names', state: 'edited', appliedAt: '2026-11-10 09:00:01', durationMs: 2700, toolVersion: '1.0.0'},
	{name: '20261119_175000_orders', state: 'missing', appliedAt: '2026-11-19 17:50:00', durationMs: null, toolVersion: null},
	{name: '20261122_175200_events', state: 'pending', appliedAt: null, durationMs: null, toolVersion: null},
];

export const restorePlan: RestorePlan = {
	id: '90ab12cd',
	backup: overview.backups[0]!,
	database: 'shop/app.db',
	tables: [
		{name: 'user', rowsNow: 12_410, rowsInBackup: 12_403, lost: 7, reverted: 2, schemaChanged: true},
		{name: 'tag', rowsNow: 12, rowsInBackup: null, lost: 12, reverted: 0, schemaChanged: true},
		{name: 'legacy_log', rowsNow: null, rowsInBackup: 880_112, lost: 0, reverted: 0, schemaChanged: true},
	],
	migrations: ['20261122_175200_names'],
};

export const details: MigrationDetails = {
	name: '20261110_090000_names',
	path: 'migrations/20261110_090000_names.ts',
	changes: [],
	file: "import type {MigrationBuilder} from 'lite-migr';\n\nexport function upgrade(op: MigrationBuilder) {\n\top.dropTable('legacy_log');\n}\n",
	hasDowngrade: true,
};

const pulledText = `import {integer, table} from 'lite-migr';

${['user', 'post', 'tag'].map((name) => `export const ${name} = table('${name}', {\n\tid: integer().primaryKey(),\n});\n`).join('\n')}`;

export const pullPreview: PullPreview = {
	format: 'ts',
	database: 'shop/app.db',
	found: '3 tables, 1 virtual table, 1 index, 1 view, 1 trigger',
	objects: [
		{name: 'user', about: ['5 columns', '1 index', '1 trigger']},
		{name: 'post', about: ['4 columns']},
		{name: 'tag', about: ['2 columns']},
		{name: 'search', about: ['virtual table, fts5']},
		{name: 'total', about: ['view']},
	],
	notes: [],
	files: [{name: 'schema.ts', path: 'models/schema.ts', text: pulledText, exists: false, isSame: false}],
	others: [],
};

export const problem: DisplayedError = {
	title: '20261122_175300_events failed.',
	state: 'Everything was rolled back: app.db is still at 0007_add_orders.',
	message: 'UNIQUE constraint failed: events.uid',
	location: {file: 'migrations/20261122_175300_events.ts', line: 14, table: 'events'},
	details: ["3 values appear twice:  'a-17' (ids 4, 90)   'b-02' (ids 12, 13)", 'SELECT uid, count(*) FROM events GROUP BY uid HAVING count(*) > 1'],
	hint: 'fix the rows, or change the model, then run lite-migr upgrade again',
};

export const browsed: BrowsedObject = {
	name: 'user',
	kind: 'table',
	rows: 12_403,
	columns: [
		{name: 'id', text: 'INTEGER, primary key'},
		{name: 'name', text: 'TEXT, not null'},
	],
	indexes: ['unique user_name (name)'],
	constraints: ['unique (email)'],
	keysOut: ['team_id → team.id, on delete cascade'],
	keysIn: ['post.user_id'],
	triggers: ['user_touch (after update)'],
	sql: 'CREATE TABLE user (id INTEGER PRIMARY KEY, name TEXT NOT NULL)',
};

/** A large fleet, of which some databases cannot be changed. */
export const fleet: PlannedFleet = {
	...noFleet,
	plan: {
		type: 'fleetPlan',
		database: null,
		direction: 'upgrade',
		dryRun: false,
		total: 10_000,
		pending: [{migrations: ['0012_names'], count: 9_994, from: '0011_cleanup'}],
		unchanged: 3,
		later: 1,
		failed: 2,
		backups: 9_994,
		backupBytes: 4_100_000_000,
		bytesFree: 80_000_000_000,
		plan: null,
		losses: Array.from({length: 30}, (_, index) => ({database: `tenants/${index}.db`, losses: ['customer.fax: 1 value is lost']})),
	},
	failures: [
		{database: 'tenants/0412.db', failure: {code: 'database', message: 'damaged: malformed page 17', hint: 'restore a backup', details: []}},
		{database: 'tenants/3017.db', failure: {code: 'locked', message: 'locked by node (process 4711)', hint: null, details: ['for 10 s']}},
	],
};

export const fleetRun: FleetRun = {
	named: 'tenants/*.db',
	request: {
		targets: Array.from({length: 10_000}, (_, index) => ({database: `tenants/${index}.db`, backupDir: 'tenants/backups'})),
		jobs: 8,
		canary: 5,
		settings: {
			direction: 'upgrade',
			migrationsDir: 'migrations',
			backup: 'auto',
			toolVersion: '1.0.0',
			consent: false,
			ignore: [],
			projectDir: '.',
			needsPlan: false,
			needsEvents: false,
		},
	},
};
