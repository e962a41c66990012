import {bindArguments} from './arguments.ts';
import {dbTypes, onDeletes} from './library.ts';
import {pythonError} from './text.ts';
import {unsupportedValue} from './unsupported-value.ts';
import type {FieldCall, Placed} from './value.ts';

/** The properties of a column that a DbField sets. */
export interface ModelField {
	/** The type as written, in capital letters. Absent if the annotation decides. */
	readonly type?: string | undefined;
	readonly isNullable: boolean;
	readonly isKey: boolean;
	readonly relation?: Relation | undefined;
}

export interface Relation {
	readonly table: string;
	readonly column: string;
	readonly onDelete: string;
}

/**
 * The parameters of DbField, in order. pylite-orm itself applies `default` and `default_factory`, never the database. pylite-orm 0.1.4 accepts
 * `db_column` but ignores it: its statements and its own migrations name a column after its field.
 */
const parameters = ['db_column', 'db_type', 'nullable', 'pk', 'default', 'default_factory', 'relation', 'on_delete'] as const;

/** Reads the call of a DbField. `label` names the field in errors: `User.age`. Throws MigrError if a value is only known to Python. */
export function readField(label: string, at: Placed, call: FieldCall): ModelField {
	const given = bindArguments(`${label}: DbField`, parameters, call.arguments);
	const type = typeText(label, given.get('db_type'));
	const isNullable = flag(label, 'nullable', given.get('nullable'), true);
	const relation = relationOf(label, given.get('relation'), given.get('on_delete'));
	if (relation?.onDelete === 'SET NULL' && !isNullable) {
		const hint = 'remove nullable=False, or use OnDelete.RESTRICT or OnDelete.CASCADE';
		throw pythonError(at.file, (given.get('on_delete') ?? at).from, `${label} is nullable=False, so ON DELETE SET NULL can never succeed`, hint);
	}
	return {
		isNullable,
		isKey: flag(label, 'pk', given.get('pk'), false),
		type,
		relation,
	};
}

function flag(label: string, name: string, given: Placed | undefined, fallback: boolean): boolean {
	if (given === undefined) return fallback;
	const {value} = given;
	if (value.kind === 'boolean') return value.value;
	if (value.kind === 'integer' && (value.value === 0n || value.value === 1n)) return value.value === 1n;
	throw unsupportedValue(`${label}: ${name}`, given, `write ${name}=True or ${name}=False`);
}

function typeText(label: string, given: Placed | undefined): string | undefined {
	if (given === undefined || given.value.kind === 'none') return undefined;
	const choices = Object.keys(dbTypes).map((name) => `DbType.${name}`);
	const hint = `write db_type=${choices.slice(0, -1).join(', ')} or ${choices.at(-1)}`;
	if (given.value.kind !== 'string') throw unsupportedValue(`${label}: db_type`, given, hint);
	const text = given.value.value.trim().toUpperCase();
	// Words and one pair of numbers: pylite-orm writes the text unchanged after the column's name.
	if (text !== '' && !/^[A-Z_][A-Z0-9_ ]*(?:\( *[+-]?\d+ *(?:, *[+-]?\d+ *)?\)[A-Z0-9_ ]*)?$/.test(text))
		throw unsupportedValue(`${label}: db_type`, given, hint);
	return text === '' ? undefined : text;
}

function relationOf(label: string, given: Placed | undefined, action: Placed | undefined): Relation | undefined {
	if (given === undefined || given.value.kind === 'none' || (given.value.kind === 'string' && given.value.value === '')) return undefined;
	const hint = "write the table and the column: relation='user.id'";
	if (given.value.kind !== 'string') throw unsupportedValue(`${label}: relation`, given, hint);
	const [table = '', column = '', ...more] = given.value.value.split('.');
	if (table === '' || column === '' || more.length > 0) throw unsupportedValue(`${label}: relation`, given, hint);
	return {table, column, onDelete: onDeleteOf(label, action)};
}

function onDeleteOf(label: string, given: Placed | undefined): string {
	if (given === undefined || given.value.kind === 'none' || (given.value.kind === 'string' && given.value.value === '')) return 'NO ACTION';
	const actions = Object.values(onDeletes);
	const hint = `write on_delete=OnDelete.${Object.keys(onDeletes).join(', OnDelete.')}`;
	const text = given.value.kind === 'string' ? given.value.value.toUpperCase() : '';
	if (!actions.includes(text)) throw unsupportedValue(`${label}: on_delete`, given, hint);
	return text;
}
