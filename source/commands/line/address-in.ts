import {addressOf} from '../../core/text/address.ts';

/** The flags that name project and database in a command line that is not parsed yet: an error of parsing tells commands, too. */
export function addressIn(argv: readonly string[]): string {
	const end = argv.indexOf('--');
	const before = end === -1 ? argv : argv.slice(0, end);
	// The database of `init` stands in the file that it writes.
	return addressOf({config: given('--config', before), db: before[0] === 'init' ? undefined : given('--db', before)});
}

function given(name: string, argv: readonly string[]): string | undefined {
	const at = argv.findIndex((token) => token === name || token.startsWith(`${name}=`));
	const value = argv[at] === name ? argv[at + 1] : argv[at]?.slice(name.length + 1);
	return value === '' ? undefined : value;
}
