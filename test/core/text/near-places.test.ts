import {expect, test} from 'vitest';
import {nearPlaces} from '../../../source/core/text/near-places.ts';

test.each([
	['/project/a.sql:1  no table a', 'a.sql:1  no table a'],
	['the first is at /project/models/a.sql:1', 'the first is at models/a.sql:1'],
	["'/project/a' and (/project/b), /project/c", "'a' and (b), c"],
	['/projects/a.sql /other/project/a.sql x/project/a.sql', '/projects/a.sql /other/project/a.sql x/project/a.sql'],
	['/project', '/project'],
	['', ''],
])('nearPlaces shortens the paths in the working folder: %s', (text, near) => {
	expect(nearPlaces(text, '/project')).toBe(near);
});
