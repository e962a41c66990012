import {readColumn} from '../ddl/read.ts';
import {nameKey} from '../schema/identifiers.ts';
import type {AddColumn} from './operation.ts';

/** The fill of an added column under its name, in lower case; empty where it has none. */
export function addedFill({definition, fill}: AddColumn): ReadonlyMap<string, string> {
	return fill === undefined ? new Map() : new Map([[nameKey(readColumn(definition).column.name), fill]]);
}
