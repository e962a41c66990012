/** What `d1-server.ts` accepts. */
export const account = 'a0000000000000000000000000000001';
export const databaseId = '6d0bcafe-0000-4000-8000-000000000001';
export const token = 'secret-d1-token';

/** The ids of more databases, which are empty until they are used. */
export const spareIds: readonly string[] = Array.from({length: 600}, (_, number) => `00000000-0000-4000-8000-${String(number).padStart(12, '0')}`);
