import {readFileSync} from 'node:fs';
import {basename, isAbsolute} from 'node:path';
import {type ErrorLocation, MigrError, restated} from '../../errors.ts';
import {thrownText} from '../../text/thrown.ts';
import {isOfModels, type UnresolvedImport} from './hooks.ts';
import {plainPath} from './url.ts';

/**
 * What went wrong when a module of the user's was loaded, as an error with file and line and without a stack trace.
 * `file` is the model file that was being loaded.
 */
export function moduleFailure(error: unknown, file: string): MigrError {
	if (isMigrError(error)) return relocated(error, file);
	if (!(error instanceof Error)) {
		const said = typeof error === 'string' ? `the module threw "${error}"` : thrownText(error);
		return new MigrError('model', said, {location: {file}, cause: error});
	}
	if (isUnresolved(error)) return unresolved(error);
	const syntax = syntaxPlace(error);
	if (syntax !== undefined) return new MigrError('model', withoutTrailer(error.message), {location: syntax, cause: error});
	return new MigrError('model', `the module threw ${error.name}: ${error.message.replace(/\s*\n\s*/g, ' ')}`, {
		location: thrownAt(error) ?? {file},
		...hintFor(error),
		cause: error,
	});
}

/** The file whose syntax or imports Node could not deal with, where a transformation may help. */
export function culpritOf(error: unknown): string | undefined {
	if (!(error instanceof Error)) return undefined;
	if (isUnresolved(error)) return isTypeScript(error.importer) ? error.importer : undefined;
	const code = (error as {readonly code?: unknown}).code;
	if (code === 'ERR_UNSUPPORTED_NODE_MODULES_TYPE_STRIPPING') {
		const [, url] = /"(file:[^"]+)"/.exec(error.message) ?? [];
		return url === undefined ? undefined : plainPath(url);
	}
	const file = syntaxPlace(error)?.file ?? '';
	if (/\.[jt]sx$/.test(file)) return file;
	return isTypeScript(file) && (code === 'ERR_UNSUPPORTED_TYPESCRIPT_SYNTAX' || moduleWithoutName(error) !== undefined) ? file : undefined;
}

/** What lacks a name that is imported from it: in a package in CommonJS Node does not find all names. */
export function moduleWithoutName(error: unknown): string | undefined {
	if (!(error instanceof SyntaxError)) return undefined;
	return /The requested module '([^']+)' (?:is a CommonJS module|does not provide an export named)/.exec(error.message)?.[1];
}

/** True for a mistake that the engine has found in a text without saying in which, nor where. */
export function isSyntaxErrorSomewhere(error: unknown): error is SyntaxError {
	return error instanceof SyntaxError && syntaxPlace(error) === undefined && moduleWithoutName(error) === undefined;
}

function isTypeScript(file: string): boolean {
	return /\.[mc]?tsx?$/.test(file);
}

/** By its name and not its class: it may come from the project's own copy of lite-migr. */
function isMigrError(error: unknown): error is MigrError {
	return error instanceof Error && error.name === 'MigrError' && typeof (error as {readonly code?: unknown}).code === 'string';
}

function relocated(error: MigrError, file: string): MigrError {
	const location = error.location?.file === undefined ? {file, ...error.location} : {...error.location, file: plainPath(error.location.file)};
	return restated(error, {location});
}

function isUnresolved(error: Error): error is UnresolvedImport {
	return 'specifier' in error && 'importer' in error && typeof error.importer === 'string';
}

function unresolved({specifier, importer, message}: UnresolvedImport): MigrError {
	const line = readFileSync(importer, 'utf8')
		.split('\n')
		.findIndex((text) => text.includes(`'${specifier}'`) || text.includes(`"${specifier}"`));
	return new MigrError('model', `${basename(importer)} imports ${specifier}, which is not there`, {
		location: {file: importer, ...(line < 0 ? {} : {line: line + 1})},
		hint: hintForImport(specifier),
		cause: message,
	});
}

const keepOut = 'keep this file out of models_dir, which may be one file';

function hintForImport(specifier: string): string {
	if (/^[./]|^file:/.test(specifier)) return 'mend the path';
	if (specifier.startsWith('#')) return 'say where it leads in "imports" of package.json, or mend the name';
	const [alias] = /^(?:@\/|~\/?|\$[^/]*\/?)/.exec(specifier) ?? [];
	if (alias !== undefined) return `say where ${alias} leads, in compilerOptions.paths of tsconfig.json, or ${keepOut}`;
	if (/^[\w+.-]+:/.test(specifier)) return `only another runtime has it: take the import out, or ${keepOut}`;
	const name = specifier
		.split('/')
		.slice(0, specifier.startsWith('@') ? 2 : 1)
		.join('/');
	return `install it in the project (npm install ${name}), or mend the name`;
}

/** Node puts the place of a syntax error, or of an import that fails, before the stack: `file:///a/b.ts?x:3`. */
function syntaxPlace(error: Error): {readonly file: string; readonly line: number} | undefined {
	const [, place, line] = /^(.+):(\d+)$/.exec(error.stack?.split('\n')[0] ?? '') ?? [];
	if (place === undefined || !(place.startsWith('file:') || isAbsolute(place))) return undefined;
	return {file: plainPath(place), line: Number(line)};
}

function withoutTrailer(message: string): string {
	return message.split('\n')[0] ?? message;
}

/** The topmost frame in a module that belongs to the models. */
function thrownAt(error: Error): ErrorLocation | undefined {
	for (const [, url, line] of (error.stack ?? '').matchAll(/((?:file:\/\/|\/|[A-Za-z]:\\)[^\n]*?):(\d+):\d+\)?$/gm)) {
		if (url !== undefined && isOfModels(url)) return {file: plainPath(url), line: Number(line)};
	}
	return undefined;
}

function hintFor(error: Error): {readonly hint?: string} {
	if (error instanceof ReferenceError && error.message.includes('before initialization')) {
		return {hint: 'two model files that import each other do this: use a name only inside of a function, as in .references(() => user.id)'};
	}
	// These are slips in the file itself; an error that was thrown on purpose misses something that is there only where the program runs.
	if (error instanceof ReferenceError || error instanceof TypeError || error instanceof SyntaxError) return {};
	return {hint: `models are imported to be read, with all that they import: give it what it needs, or ${keepOut}`};
}
