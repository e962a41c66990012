import type {MigrError} from '../../core/errors.ts';

/** Returns an error and its hint as one line. */
export function inOneSentence({message, hint}: MigrError): string {
	return [message, ...(hint === undefined ? [] : [hint])].join('; ');
}
