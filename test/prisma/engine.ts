import {readFileSync} from 'node:fs';
import {createRequire} from 'node:module';
import {pathToFileURL} from 'node:url';

/** The parts of `@prisma/schema-engine-wasm` that the tests use. It is installed by `run.ts`. */
interface Bindings {
	readonly SchemaEngine: {
		new: (options: {readonly datamodels: readonly Datamodel[]}, log: () => void, adapter: object) => Promise<Engine>;
	};
	__wbg_set_wasm(exports: object): void;
}

type Datamodel = readonly [path: string, text: string];

interface Engine {
	diff(request: object): Promise<{readonly stdout: string}>;
	free(): void;
}

/** The types of Node do not have it. */
const wasm = (globalThis as unknown as {readonly WebAssembly: {instantiate(bytes: Uint8Array, imports: object): Promise<Instantiated>}}).WebAssembly;

interface Instantiated {
	readonly instance: {readonly exports: {__wbindgen_start(): void}};
}

const engineFile = './schema_engine_bg';
let bindings: Promise<Bindings> | undefined;

async function load(): Promise<Bindings> {
	const require = createRequire(import.meta.url);
	const path = require.resolve(`@prisma/schema-engine-wasm/${engineFile.slice(2)}`);
	const engine = (await import(pathToFileURL(path).href)) as Bindings;
	const {instance} = await wasm.instantiate(readFileSync(path.replace(/\.js$/, '.wasm')), {[`${engineFile}.js`]: engine});
	engine.__wbg_set_wasm(instance.exports);
	instance.exports.__wbindgen_start();
	return engine;
}

/**
 * Returns the SQL of the first migration that Prisma Migrate writes for a schema.
 *
 * @throws Error with Prisma's message if it rejects the schema
 */
export async function prismaSql(text: string): Promise<string> {
	bindings ??= load();
	const {SchemaEngine} = await bindings;
	const engine = await SchemaEngine.new({datamodels: [['schema.prisma', text]]}, () => {}, adapter);
	try {
		const {stdout} = await engine.diff({
			from: {tag: 'empty'},
			to: {tag: 'schemaDatamodel', files: [{path: 'schema.prisma', content: text}]},
			script: true,
			exitCode: null,
			filters: {externalTables: [], externalEnums: []},
		});
		return `${stdout.trim()}\n`;
	} finally {
		engine.free();
	}
}

/** A connection that nothing reads: the first migration depends only on the schema. */
const connection = {
	provider: 'sqlite',
	adapterName: 'none',
	dispose: async () => accepted(undefined),
	getConnectionInfo: () => accepted({supportsRelationJoins: false}),
};
const adapter = {
	provider: 'sqlite',
	adapterName: 'none',
	connect: async () => accepted(connection),
	connectToShadowDb: async () => accepted(connection),
	errorRegistry: {consumeError: () => undefined},
};

function accepted(value: unknown): object {
	return {
		ok: true,
		value,
		map: (change: (value: unknown) => unknown) => accepted(change(value)),
		flatMap: (change: (value: unknown) => unknown) => change(value),
	};
}
