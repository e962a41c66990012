/** What `d1-server.ts` accepts. */
export const account = 'a0000000000000000000000000000001';
export const databaseId = '6d0bcafe-0000-4000-8000-000000000001';
export const token = 'secret-d1-token';
