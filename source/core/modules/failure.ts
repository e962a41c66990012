import {readFileSync} from 'node:fs';
import {basename, isAbsolute} from 'node:path';
import {type ErrorLocation, MigrError, restated} from '../errors.ts';
import {thrownText} from '../text/thrown.ts';
import type {UnresolvedImport} from './hooks.ts';
import {isOfLoad, type Load} from './load.ts';
import {plainPath} from './module-url.ts';
import {isOfAnotherContext, loaderReplaced} from './replaced-loader.ts';

/**
 * Converts an error from loading a user module to a MigrError with file and line and without a stack trace. `file` is the model file that was being
 * loaded.
 */
export function moduleFailure(error: unknown, file: string, load: Load): MigrError {
	if (isMigrError(error)) return relocated(error, file);
	if (isOfAnotherContext(error)) return loaderReplaced(error);
	if (!(error instanceof Error)) {
		const message = typeof error === 'string' ? `the module threw "${error}"` : thrownText(error);
		return new MigrError('model', message, {location: {file}, cause: error});
	}
	if (isUnresolved(error)) return unresolved(error);
	const syntax = syntaxPlace(error);
	if (syntax !== undefined) return new MigrError('model', withoutTrailer(error.message), {location: syntax, cause: error});
	return new MigrError('model', `the module threw ${error.name}: ${error.message.replace(/\s*\n\s*/g, ' ')}`, {
		location: thrownAt(error, load) ?? {file},
		...hintFor(error),
		cause: error,
	});
}

/** Returns the file with syntax or imports that Node does not support, if transforming it may help. */
export function findFailingFile(error: unknown): string | undefined {
	if (!(error instanceof Error)) return undefined;
	if (isUnresolved(error)) return isTypeScript(error.importer) ? error.importer : undefined;
	const code = (error as {readonly code?: unknown}).code;
	if (isTypeScriptInPackage(error)) {
		const [, url] = /"(file:[^"]+)"/.exec(error.message) ?? [];
		return url === undefined ? undefined : plainPath(url);
	}
	const file = syntaxPlace(error)?.file ?? '';
	if (/\.[jt]sx$/.test(file)) return file;
	return isTypeScript(file) && (code === 'ERR_UNSUPPORTED_TYPESCRIPT_SYNTAX' || moduleWithoutName(error) !== undefined) ? file : undefined;
}

/** True if Node or Deno refused a TypeScript file because it is in a node_modules folder. */
export function isTypeScriptInPackage(error: unknown): error is Error {
	const code = 'ERR_UNSUPPORTED_NODE_MODULES_TYPE_STRIPPING';
	// Deno has the code only in the message.
	return error instanceof Error && ((error as {readonly code?: unknown}).code === code || error.message.includes(code));
}

/** Returns the module that lacks an imported name. In a CommonJS package, Node does not find all names. */
export function moduleWithoutName(error: unknown): string | undefined {
	if (!(error instanceof SyntaxError)) return undefined;
	return /The requested module '([^']+)' (?:is a CommonJS module|does not provide an export named)/.exec(error.message)?.[1];
}

/** True for a syntax error that the engine reports without a file and a line. */
export function isSyntaxErrorSomewhere(error: unknown): error is SyntaxError {
	return error instanceof SyntaxError && syntaxPlace(error) === undefined && moduleWithoutName(error) === undefined;
}

function isTypeScript(file: string): boolean {
	return /\.[mc]?tsx?$/.test(file);
}

/** True for a MigrError. Checks the name instead of the class, since the error may come from the project's own copy of lite-migr. */
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
	return new MigrError('model', `${basename(importer)} imports ${specifier}, which does not exist`, {
		location: {file: importer, ...(line < 0 ? {} : {line: line + 1})},
		hint: hintForImport(specifier),
		cause: message,
	});
}

const keepOut = 'move this file out of models_dir, which can be a single file';

function hintForImport(specifier: string): string {
	if (/^[./]|^file:/.test(specifier)) return 'fix the path';
	if (specifier.startsWith('#')) return 'define it in "imports" of package.json, or fix the name';
	const [alias] = /^(?:@\/|~\/?|\$[^/]*\/?)/.exec(specifier) ?? [];
	if (alias !== undefined) return `define ${alias} in compilerOptions.paths of tsconfig.json, or ${keepOut}`;
	if (/^[\w+.-]+:/.test(specifier)) return `remove the import, which only exists in another runtime, or ${keepOut}`;
	const name = specifier
		.split('/')
		.slice(0, specifier.startsWith('@') ? 2 : 1)
		.join('/');
	return `install it in the project (npm install ${name}), or fix the name`;
}

/** Returns the location that Node writes before the stack of a syntax error or failed import: `file:///a/b.ts?x:3`. */
function syntaxPlace(error: Error): {readonly file: string; readonly line: number} | undefined {
	const [, place, line] = /^(.+):(\d+)$/.exec(error.stack?.split('\n')[0] ?? '') ?? [];
	if (place === undefined || !(place.startsWith('file:') || isAbsolute(place))) return undefined;
	return {file: plainPath(place), line: Number(line)};
}

function withoutTrailer(message: string): string {
	return message.split('\n')[0] ?? message;
}

/** Returns the topmost stack frame in a module of this load. */
function thrownAt(error: Error, load: Load): ErrorLocation | undefined {
	for (const [, url, line] of (error.stack ?? '').matchAll(/((?:file:\/\/|\/|[A-Za-z]:\\)[^\n]*?):(\d+):\d+\)?$/gm)) {
		if (url !== undefined && isOfLoad(load, url)) return {file: plainPath(url), line: Number(line)};
	}
	return undefined;
}

function hintFor(error: Error): {readonly hint?: string} {
	if (error instanceof ReferenceError && error.message.includes('before initialization')) {
		return {hint: 'use imported names only inside functions, as in .references(() => user.id), if two model files import each other'};
	}
	// These are bugs in the file itself. An error thrown on purpose usually means that a part of the application's environment is missing.
	if (error instanceof ReferenceError || error instanceof TypeError || error instanceof SyntaxError) return {};
	return {hint: `provide what the module needs, since lite-migr imports models and everything they import, or ${keepOut}`};
}
