import type {MigrationBuilder} from 'lite-migr';

// product, purchase_item: the tables are rewritten, because price changes from REAL to INTEGER and is converted to cents.

export function upgrade(op: MigrationBuilder) {
    op.renameColumn('product', 'price', 'price_cents');
    op.renameColumn('purchase_item', 'price', 'price_cents');
    op.changeTable('product', `
        CREATE TABLE product (
            id INTEGER PRIMARY KEY,
            sku TEXT NOT NULL,
            title TEXT NOT NULL,
            price_cents INTEGER NOT NULL,
            stock INTEGER NOT NULL DEFAULT 0,
            CONSTRAINT product_stock CHECK (stock >= 0)
        )`, {fill: {price_cents: 'CAST(round(price_cents * 100) AS INTEGER)'}});
    op.changeTable('purchase_item', `
        CREATE TABLE purchase_item (
            purchase_id INTEGER NOT NULL REFERENCES purchase (id) ON DELETE CASCADE,
            product_id INTEGER NOT NULL REFERENCES product (id),
            quantity INTEGER NOT NULL DEFAULT 1,
            price_cents INTEGER NOT NULL,
            PRIMARY KEY (purchase_id, product_id)
        ) WITHOUT ROWID`, {fill: {price_cents: 'CAST(round(price_cents * 100) AS INTEGER)'}});
    op.createView(`
        CREATE VIEW purchase_total AS
        SELECT purchase.id AS purchase_id, customer.full_name, sum(purchase_item.quantity * purchase_item.price_cents) AS total_cents
        FROM purchase
        JOIN customer ON customer.id = purchase.customer_id
        JOIN purchase_item ON purchase_item.purchase_id = purchase.id
        GROUP BY purchase.id`);
}

export function downgrade(op: MigrationBuilder) {
    op.dropView('purchase_total');
    op.changeTable('purchase_item', `
        CREATE TABLE purchase_item (
            purchase_id INTEGER NOT NULL REFERENCES purchase (id) ON DELETE CASCADE,
            product_id INTEGER NOT NULL REFERENCES product (id),
            quantity INTEGER NOT NULL DEFAULT 1,
            price_cents REAL NOT NULL,
            PRIMARY KEY (purchase_id, product_id)
        ) WITHOUT ROWID`, {fill: {price_cents: 'price_cents / 100.0'}});
    op.changeTable('product', `
        CREATE TABLE product (
            id INTEGER PRIMARY KEY,
            sku TEXT NOT NULL,
            title TEXT NOT NULL,
            price_cents REAL NOT NULL,
            stock INTEGER NOT NULL DEFAULT 0
        )`, {fill: {price_cents: 'price_cents / 100.0'}});
    op.renameColumn('purchase_item', 'price_cents', 'price');
    op.renameColumn('product', 'price_cents', 'price');
}
