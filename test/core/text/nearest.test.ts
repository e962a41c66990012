import {expect, test} from 'vitest';
import {nearest} from '../../../source/core/text/nearest.ts';

const keys = ['db_path', 'migrations_dir', 'models_dir', 'format', 'backup', 'backup_dir', 'wait'];

test('nearest finds the intended name', () => {
	expect(nearest('db_pth', keys)).toBe('db_path');
	expect(nearest('Format', keys)).toBe('format');
	expect(nearest('p', ['c', 'ab'])).toBeUndefined();
	expect(nearest('wiat', keys)).toBe('wait');
	expect(nearest('model_dir', keys)).toBe('models_dir');
});

test('nearest does not guess if no name is close', () => {
	expect(nearest('colour', keys)).toBeUndefined();
	expect(nearest('', keys)).toBeUndefined();
	expect(nearest('x', [])).toBeUndefined();
});
