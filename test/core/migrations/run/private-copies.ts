import {makePrivateCopy} from '../../../../source/core/migrations/run/private-copy.ts';

// Run as its own process by `private-copy.test.ts`: creates and removes many copies in the folder it is passed.
const [, , folder = ''] = process.argv;
for (let index = 0; index < 150; index++) makePrivateCopy(folder, [folder]).remove();
