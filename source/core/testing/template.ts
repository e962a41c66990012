import {createHash} from 'node:crypto';
import {readFileSync, statSync, writeFileSync} from 'node:fs';
import {join} from 'node:path';
import {MigrError} from '../errors.ts';
import type {Driver} from '../sqlite/driver/driver.ts';
import type {CloningDriver, Closable} from '../sqlite/driver/in-memory-clone.ts';
import {openDatabase} from '../sqlite/open.ts';
import {type FileStamps, stampFiles} from './file-stamps.ts';
import {inNewFolder, withConnection} from './private-file.ts';
import {configOf, readTemplateSource, type SourceRequest, type TemplateSource} from './template-source.ts';
import {fileDigest, type StoredTemplate, type TemplateStore, templateStore} from './template-store.ts';

/** The content of a template. */
export interface TemplateRequest<Connection> extends SourceRequest {
	readonly seed?: ((connection: Connection) => unknown) | undefined;
	readonly seedKey?: string | undefined;
}

/** A database that is cloned for each test. */
export interface Template<Connection> {
	/** A database file. */
	readonly content: Buffer;
	/** Opens a new in-memory database with this content. */
	clone(): Connection;
}

/** A template without seeded rows. */
interface BaseTemplate extends StoredTemplate {
	/** A hash of everything it was built from, except the imported files. */
	readonly key: string;
	readonly store: TemplateStore | undefined;
	// biome-ignore lint/suspicious/noExplicitAny: the key in the map of bases contains the driver
	readonly template: Template<any>;
	/** The templates with the rows of a function. */
	// biome-ignore lint/suspicious/noExplicitAny: the same
	readonly seeded: WeakMap<object, Promise<Template<any>>>;
	/** The templates with named rows, by their key. */
	// biome-ignore lint/suspicious/noExplicitAny: the same
	readonly named: Map<string, Promise<Template<any>>>;
}

/** A template without seeded rows, and the state of the files it was built from. */
interface KnownBase {
	readonly base: BaseTemplate;
	readonly config: string | undefined;
	readonly stamps: FileStamps;
}

/** The templates of this process. The files are compared with their last state in each call. */
const known = new Map<string, Promise<KnownBase>>();

/**
 * Returns the template for a request: one of this process, or one from disk, or a new one.
 *
 * @throws MigrError if the files are invalid or a migration fails, and the error of the seed function
 */
export async function templateFor<Connection extends Closable>(
	driver: CloningDriver<Connection>,
	{seed, seedKey, ...request}: TemplateRequest<Connection>,
): Promise<Template<Connection>> {
	const base = await currentBase(driver, request);
	if (seed === undefined) return base.template;
	const create = async () => ({content: await seededContent(driver, base, seed), imports: base.imports});
	if (seedKey === undefined) return await remembered(base.seeded, seed, async () => templateOf(driver, (await create()).content));
	const key = keyOf(base.key, seedKey, String(seed));
	return await remembered(base.named, key, async () => templateOf(driver, (await obtain(base.store, key, create)).content));
}

/** Returns the promise that is stored for a key. A failed one is removed, so the next call tries again. */
function remembered<Key, Value>(
	promises: {get(key: Key): Promise<Value> | undefined; set(key: Key, value: Promise<Value>): unknown; delete(key: Key): unknown},
	key: Key,
	create: () => Promise<Value>,
): Promise<Value> {
	const before = promises.get(key);
	if (before !== undefined) return before;
	const created = create().catch((error: unknown) => {
		promises.delete(key);
		throw error;
	});
	promises.set(key, created);
	return created;
}

async function currentBase<Connection extends Closable>(driver: CloningDriver<Connection>, request: SourceRequest): Promise<BaseTemplate> {
	const {cwd, config, migrations, models, before} = request;
	const id = JSON.stringify([versionOf(driver), cwd, config, migrations, models, before]);
	const last = known.get(id);
	const found = await last;
	if (found !== undefined && found.config === configOf(request) && found.stamps.isUnchanged() && !found.stamps.isRecent) return found.base;
	// Several calls can wait for the same build, and the first one to continue starts the next build.
	if (known.get(id) !== last) return await currentBase(driver, request);
	known.delete(id);
	return (await remembered(known, id, () => readOrBuild(driver, request, found?.base))).base;
}

/** The maximum number of times that a template is built while the files change. */
const attempts = 3;

/** Reads the files. Returns the last template if their content is unchanged. */
async function readOrBuild<Connection extends Closable>(
	driver: CloningDriver<Connection>,
	request: SourceRequest,
	last: BaseTemplate | undefined,
): Promise<KnownBase> {
	for (let attempt = 1; attempt <= attempts; attempt++) {
		const source = readTemplateSource(request);
		const key = keyOf(source.key, versionOf(driver));
		const isLast = last?.key === key && last.imports.every(({path, digest}) => fileDigest(path).digest === digest);
		const base = isLast ? last : await newBase(driver, source, key, () => readTemplateSource(request).key === source.key);
		if (base === undefined) continue;
		return {base, config: source.config, stamps: stampFiles([...source.watched, ...base.imports.map(({path}) => path)])};
	}
	throw new MigrError('files', 'the files of the test database changed while it was built', {hint: 'run the tests again'});
}

/** Returns undefined if a file changed while the template was built. */
async function newBase<Connection extends Closable>(
	driver: CloningDriver<Connection>,
	source: TemplateSource,
	key: string,
	isUnchanged: () => boolean,
): Promise<BaseTemplate | undefined> {
	// Without hooks, it is unknown which files are imported.
	const isStorable = !source.hasModules || (await import('../modules/hooks.ts')).canHook;
	const store = isStorable ? templateStore(source.path) : undefined;
	const stored = await obtain(store, key, async () => {
		const built = await build(source);
		return built.isStable && isUnchanged() ? built : undefined;
	});
	if (stored === undefined) return undefined;
	const {content, imports} = stored;
	return {key, content, imports, store, template: templateOf(driver, content), seeded: new WeakMap(), named: new Map()};
}

/** Returns a stored template, or creates and stores it while other processes wait. */
async function obtain<Created extends StoredTemplate | undefined>(
	store: TemplateStore | undefined,
	key: string,
	create: () => Promise<Created>,
): Promise<StoredTemplate | Created> {
	if (store === undefined) return await create();
	const stored = store.read(key);
	if (stored !== undefined) return stored;
	return await store.alone(key, async () => {
		const storedMeanwhile = store.read(key);
		if (storedMeanwhile !== undefined) return storedMeanwhile;
		const created = await create();
		if (created !== undefined) store.write(key, created);
		return created;
	});
}

/** Builds a template. `isStable` is false if an imported file changed in the meantime. */
async function build(source: TemplateSource): Promise<StoredTemplate & {readonly isStable: boolean}> {
	const begun = Date.now();
	const importedFiles = (await import('../modules/hooks.ts')).recordImports();
	const content = await inNewFolder(async (file) => {
		await source.build(file);
		return contentOf(file);
	});
	const files = [...new Set([...importedFiles()].map(withoutPackageFiles))];
	const isStable = files.every((path) => (statSync(path, {throwIfNoEntry: false})?.mtimeMs ?? 0) < begun);
	return {content, imports: files.map(fileDigest), isStable};
}

/** Returns the package.json of a package instead of one of its files, because its version represents all of them. */
function withoutPackageFiles(path: string): string {
	const [, folder] = /^(.*[\\/]node_modules[\\/](?:@[^\\/]+[\\/])?[^\\/]+)[\\/]/.exec(path) ?? [];
	return folder === undefined ? path : join(folder, 'package.json');
}

/** Returns the content of the template with the rows of a seed function. */
async function seededContent<Connection extends Closable>(
	driver: CloningDriver<Connection>,
	{content}: BaseTemplate,
	seed: (connection: Connection) => unknown,
): Promise<Buffer> {
	return await inNewFolder(async (file) => {
		writeFileSync(file, content);
		await withConnection(driver, file, 'seed', seed);
		return contentOf(file);
	});
}

function templateOf<Connection extends Closable>(driver: CloningDriver<Connection>, content: Buffer): Template<Connection> {
	return {content, clone: driver.clonesOf(content)};
}

/** Reads a database file whose content can be opened in memory: with a rollback journal, and not empty. */
function contentOf(file: string): Buffer {
	const db = openDatabase(file, {create: true});
	try {
		db.exec('PRAGMA journal_mode = DELETE');
		if (db.value('PRAGMA page_count') === 0) db.exec('VACUUM');
	} finally {
		db.close();
	}
	return readFileSync(file);
}

/** The SQLite of a driver decides how migrations run and which functions they can use. */
function versionOf({driver}: {readonly driver: Driver}): string {
	return `${driver.name} ${driver.sqliteVersion}`;
}

function keyOf(...parts: readonly string[]): string {
	return createHash('sha256').update(JSON.stringify(parts)).digest('hex');
}
