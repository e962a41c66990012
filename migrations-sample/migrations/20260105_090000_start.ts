import type {MigrationBuilder} from 'lite-migr';

export function upgrade(op: MigrationBuilder) {
    op.createTable(`
        CREATE TABLE customer (
            id INTEGER PRIMARY KEY,
            email TEXT NOT NULL COLLATE NOCASE,
            name TEXT NOT NULL,
            phone TEXT,
            city TEXT,
            created_at TEXT NOT NULL DEFAULT CURRENT_TIMESTAMP
        )`);
    op.createTable(`
        CREATE TABLE product (
            id INTEGER PRIMARY KEY,
            sku TEXT NOT NULL,
            title TEXT NOT NULL,
            price REAL NOT NULL,
            stock INTEGER NOT NULL DEFAULT 0
        )`);
    op.createTable(`
        CREATE TABLE purchase (
            id INTEGER PRIMARY KEY AUTOINCREMENT,
            customer_id INTEGER NOT NULL REFERENCES customer (id) ON DELETE CASCADE,
            status TEXT NOT NULL DEFAULT 'open',
            placed_at TEXT NOT NULL DEFAULT CURRENT_TIMESTAMP
        )`);
    op.createTable(`
        CREATE TABLE purchase_item (
            purchase_id INTEGER NOT NULL REFERENCES purchase (id) ON DELETE CASCADE,
            product_id INTEGER NOT NULL REFERENCES product (id),
            quantity INTEGER NOT NULL DEFAULT 1,
            price REAL NOT NULL,
            PRIMARY KEY (purchase_id, product_id)
        ) WITHOUT ROWID`);
    op.createTable('CREATE TABLE newsletter (email TEXT PRIMARY KEY, signed_up TEXT)');
    op.createIndex('CREATE UNIQUE INDEX customer_email_unique ON customer (email)');
    op.createIndex('CREATE UNIQUE INDEX product_sku_unique ON product (sku)');
    op.createIndex('CREATE INDEX purchase_customer ON purchase (customer_id)');
    op.createTrigger(`
        CREATE TRIGGER take_from_stock AFTER INSERT ON purchase_item
        BEGIN
            UPDATE product SET stock = stock - new.quantity WHERE id = new.product_id;
        END`);
}

export function downgrade(op: MigrationBuilder) {
    // Dropping a table also drops its rows, indexes and triggers.
    op.dropTable('newsletter');
    op.dropTable('purchase_item');
    op.dropTable('purchase');
    op.dropTable('product');
    op.dropTable('customer');
}
