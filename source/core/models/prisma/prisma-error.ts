import {MigrError} from '../../errors.ts';
import {clean} from '../../text/clean.ts';
import type {Place, Value} from './syntax.ts';

/** Returns an error about a Prisma schema, with file and line. */
export function prismaError(place: Place, message: string, hint?: string): MigrError {
	return new MigrError('model', clean(message), {location: {file: place.file, line: place.line}, hint: hint === undefined ? undefined : clean(hint)});
}

/** Returns a place for a message: `prisma/user.prisma:12`. */
export function placeText({file, line}: Place): string {
	return `${file}:${line}`;
}

/** Returns a short text of a value for a message. */
export function valueText(value: Value): string {
	switch (value.kind) {
		case 'string':
			return JSON.stringify(value.text);
		case 'number':
			return value.text;
		case 'name':
			return value.name;
		case 'call':
			return `${value.name}()`;
		case 'list':
			return 'a list';
		case 'object':
			return 'an object';
	}
}
