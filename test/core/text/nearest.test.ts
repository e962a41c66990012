import {expect, test} from 'vitest';
import {nearest} from '../../../source/core/text/nearest.ts';

const keys = ['db_path', 'migrations_dir', 'models_dir', 'format', 'backup', 'backup_dir', 'wait'];

test('finds the name that was meant', () => {
	expect(nearest('db_pth', keys)).toBe('db_path');
	expect(nearest('Format', keys)).toBe('format');
	expect(nearest('p', ['c', 'ab'])).toBeUndefined();
	expect(nearest('wiat', keys)).toBe('wait');
	expect(nearest('model_dir', keys)).toBe('models_dir');
});

test('does not guess where nothing is near', () => {
	expect(nearest('colour', keys)).toBeUndefined();
	expect(nearest('', keys)).toBeUndefined();
	expect(nearest('x', [])).toBeUndefined();
});
