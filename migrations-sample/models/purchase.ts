import {index, integer, primaryKey, sql, table, text, trigger, view} from 'lite-migr';
import {customer} from './customer.ts';
import {product} from './product.ts';

export const purchase = table(
	'purchase',
	{
		id: integer().primaryKey({autoIncrement: true}),
		customerId: integer('customer_id')
			.notNull()
			.references(() => customer.id, {onDelete: 'cascade'}),
		status: text().notNull().default('open'),
		placedAt: text('placed_at').notNull().default(sql`CURRENT_TIMESTAMP`),
	},
	(purchase) => [index('purchase_customer').on(purchase.customerId)],
);

export const purchaseItem = table(
	'purchase_item',
	{
		purchaseId: integer('purchase_id')
			.notNull()
			.references(() => purchase.id, {onDelete: 'cascade'}),
		productId: integer('product_id')
			.notNull()
			.references(() => product.id),
		quantity: integer().notNull().default(1),
		priceCents: integer('price_cents').notNull(),
	},
	(item) => [primaryKey({columns: [item.purchaseId, item.productId]})],
	{withoutRowid: true},
);

export const purchaseTotal = view('purchase_total').as(sql`
	SELECT purchase.id AS purchase_id, customer.full_name, sum(purchase_item.quantity * purchase_item.price_cents) AS total_cents
	FROM purchase
	JOIN customer ON customer.id = purchase.customer_id
	JOIN purchase_item ON purchase_item.purchase_id = purchase.id
	GROUP BY purchase.id`);

export const takeFromStock = trigger('take_from_stock', {
	after: 'insert',
	on: purchaseItem,
	do: sql`UPDATE product SET stock = stock - new.quantity WHERE id = new.product_id;`,
});
