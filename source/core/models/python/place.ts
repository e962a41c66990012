import {isStandardModule} from './standard.ts';

/** The folders and files to read, by path without `.py`. */
export interface Places<File> {
	readonly files: ReadonlyMap<string, File>;
	readonly folders: ReadonlySet<string>;
	/** The common parent folder of all files, where absolute imports begin. */
	readonly root: readonly string[];
}

/** A file, or a folder with its `__init__.py` if it has one. */
export interface Place<File> {
	readonly path: readonly string[];
	readonly isFolder: boolean;
	readonly file?: File | undefined;
}

/** Splits a path into the folders and the name of the file, without `.py`. */
export function partsOfPath(path: string): string[] {
	const parts = path.replaceAll('\\', '/').replace(/\.py$/, '').split('/');
	return parts.filter((part) => part !== '' && part !== '.');
}

/** Arranges files by path. */
export function placeFiles<File>(paths: ReadonlyMap<string, File>): Places<File> {
	const files = new Map<string, File>();
	const folders = new Set<string>();
	let root: readonly string[] | undefined;
	for (const [path, file] of paths) {
		const parts = partsOfPath(path);
		files.set(parts.join('/'), file);
		const folder = parts.slice(0, -1);
		for (let depth = 0; depth <= folder.length; depth++) folders.add(folder.slice(0, depth).join('/'));
		const end: number = root?.findIndex((part, index) => folder[index] !== part) ?? -1;
		root = root === undefined ? folder : end < 0 ? root : root.slice(0, end);
	}
	return {files, folders, root: root ?? []};
}

export function find<File>({files, folders, root}: Places<File>, path: readonly string[]): Place<File> | undefined {
	const key = path.join('/');
	const file = files.get(key);
	if (file !== undefined) return {path, isFolder: false, file};
	if (!folders.has(key) || path.length < root.length) return undefined;
	const initial = files.get([...path, '__init__'].join('/'));
	return {path, isFolder: true, file: initial};
}

/**
 * Returns the module that an absolute import refers to, below the models folder or one of its parents: `models.user` or `app.models.user` for files in
 * `…/app/models`. The names of parent folders must match if they are known.
 */
export function findAbsolute<File>(places: Places<File>, path: string): Place<File> | undefined {
	const {root} = places;
	const parts = path.split('.');
	for (let above = 0; above <= parts.length; above++) {
		const known = root.slice(Math.max(0, root.length - above));
		if (!known.every((part, index) => part === parts[above - known.length + index])) continue;
		if (known.length === 0 && (isStandardModule(path) || (above > 0 && above === parts.length))) continue;
		const place = find(places, [...root, ...parts.slice(above)]);
		if (place !== undefined) return place;
	}
	return undefined;
}

/** Returns the module that a relative import refers to: `from .user import`, `from ..base import`, `from . import`. */
export function findRelative<File>(places: Places<File>, folder: readonly string[], level: number, path: string): Place<File> | undefined {
	if (level - 1 > folder.length) return undefined;
	return find(places, [...folder.slice(0, folder.length - (level - 1)), ...path.split('.').filter((part) => part !== '')]);
}
