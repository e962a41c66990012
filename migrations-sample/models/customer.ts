import {integer, sql, table, text} from 'lite-migr';

export const customer = table('customer', {
	id: integer().primaryKey(),
	email: text().notNull().collate('NOCASE').unique(),
	fullName: text('full_name').notNull(),
	city: text(),
	createdAt: text('created_at').notNull().default(sql`CURRENT_TIMESTAMP`),
});
