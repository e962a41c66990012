/** Models that a project already has. */
export interface FoundModels {
	readonly kind: 'Drizzle' | 'Prisma';
	/** For `models_dir`, relative to the project: `./src/db/schema.ts`. */
	readonly models: string | readonly string[];
	/** The folder where the other tool keeps the database, relative to the project. */
	readonly databaseFolder: string;
	/** The database that its configuration names. Undefined if it names none, or a server. */
	readonly database: string | undefined;
	/** The casing that its configuration sets. */
	readonly casing: 'snake_case' | 'camelCase' | undefined;
}
