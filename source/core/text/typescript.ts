/** Writes pieces of TypeScript source text. */

const reserved = new Set(
	`break case catch class const continue debugger default delete do else enum export extends false finally for function if implements import in
	instanceof interface let new null package private protected public return static super switch this throw true try typeof var void while with
	yield await async of arguments eval undefined NaN Infinity`.split(/\s+/),
);

/** Returns a string literal in single quotes, or a template if that is easier to read. Control characters are escaped. */
export function textLiteral(value: string): string {
	return /['\n\\]/.test(value) ? `\`${templateText(value)}\`` : `'${controlsEscaped(value)}'`;
}

/** Returns the contents of a template literal. */
export function templateText(value: string): string {
	return controlsEscaped(value.replaceAll('\\', '\\\\').replaceAll('`', '\\`').replaceAll('${', '\\${'));
}

function controlsEscaped(value: string): string {
	return value.replace(
		/[\u0000-\u0008\u000b-\u001f\u007f-\u009f\u2028\u2029\u202a-\u202e\u2066-\u2069\ufeff]/g,
		(character) => `\\u${character.charCodeAt(0).toString(16).padStart(4, '0')}`,
	);
}

/** Returns an object key, in quotes if it needs them. The key is computed if it is a template, or if it would set the prototype. */
export function objectKey(name: string): string {
	if (name === '__proto__') return "['__proto__']";
	if (/^[A-Za-z_$][\w$]*$/.test(name)) return name;
	const text = textLiteral(name);
	return text.startsWith('`') ? `[${text}]` : text;
}

/** Returns a property access: `t.name`, `t['full name']`. */
export function property(object: string, name: string): string {
	return /^[A-Za-z_$][\w$]*$/.test(name) ? `${object}.${name}` : `${object}[${textLiteral(name)}]`;
}

/** Returns variable names for schema objects: in camel case, and unique. */
export function variableNames(names: readonly string[], taken: readonly string[]): ReadonlyMap<string, string> {
	const used = new Set(taken);
	return new Map(
		names.map((name) => {
			const words = name.split(/[^\p{L}\p{N}$]+/u).filter((word) => word !== '');
			const camel = words.map((word, index) => (index === 0 ? lowerFirst(word) : upperFirst(word))).join('');
			const start = /^[\p{L}_$]/u.test(camel) ? camel : `_${camel}`;
			let variable = reserved.has(start) ? `${start}_` : start;
			for (let number = 2; used.has(variable); number++) variable = `${start}${number}`;
			used.add(variable);
			return [name, variable];
		}),
	);
}

function lowerFirst(word: string): string {
	return word === word.toUpperCase() ? word.toLowerCase() : word.charAt(0).toLowerCase() + word.slice(1);
}

function upperFirst(word: string): string {
	return word.charAt(0).toUpperCase() + word.slice(1);
}
