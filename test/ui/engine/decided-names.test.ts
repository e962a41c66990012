import {expect, test} from 'vitest';
import {type Decisions, noDecisions} from '../../../source/core/diff/question.ts';
import {expressionInDatabase, inDatabase} from '../../../source/ui/engine/decided-names.ts';
import {fill} from '../screens/samples.ts';

const decisions: Decisions = {
	...noDecisions,
	renames: [
		{table: 'account', to: 'user'},
		{table: 'account', column: 'name', to: 'full_name'},
		{table: 'account', column: 'mail', to: 'email'},
	],
};

test('a question uses the current names in the database', () => {
	expect(inDatabase(fill, decisions)).toMatchObject({table: 'account', column: 'mail'});
	expect(inDatabase(fill, noDecisions)).toEqual(fill);
});

test('an expression can use the new names of columns', () => {
	expect(expressionInDatabase("lower(full_name) || '@full_name'", fill, decisions)).toBe("lower(name) || '@full_name'");
});
