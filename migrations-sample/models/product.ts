import {check, index, integer, sql, table, text} from 'lite-migr';

export const product = table(
	'product',
	{
		id: integer().primaryKey(),
		sku: text().notNull().unique(),
		title: text().notNull(),
		priceCents: integer('price_cents').notNull(),
		stock: integer().notNull().default(0),
	},
	(product) => [index('product_title').on(product.title), check('product_stock', sql`stock >= 0`)],
);
