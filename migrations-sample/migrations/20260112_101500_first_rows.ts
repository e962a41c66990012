import type {MigrationBuilder} from 'lite-migr';

const names = ['Ann Lee', 'Bob Hart', 'Cleo Diaz', 'Dev Rao', 'Eva Lund', 'Finn Berg', 'Gil Ortiz', 'Hana Sato'];
const cities = ['Oslo', 'Porto', 'Kyoto', null];
const things = ['Lamp', 'Chair', 'Table', 'Shelf', 'Clock', 'Rug'];

export function upgrade(op: MigrationBuilder) {
    op.run(({db}) => {
        const customer = db.prepare('INSERT INTO customer (id, email, name, phone, city) VALUES (?, ?, ?, ?, ?)');
        const product = db.prepare('INSERT INTO product (id, sku, title, price, stock) VALUES (?, ?, ?, ?, 1000)');
        const purchase = db.prepare('INSERT INTO purchase (id, customer_id, status) VALUES (?, ?, ?)');
        const item = db.prepare('INSERT INTO purchase_item (purchase_id, product_id, quantity, price) VALUES (?, ?, ?, ?)');
        const newsletter = db.prepare('INSERT INTO newsletter (email) VALUES (?)');
        for (let id = 1; id <= 80; id++) {
            const name = names[id % names.length] as string;
            const email = `${name.split(' ')[0]?.toLowerCase()}.${id}@Example.com`;
            customer.run(id, email, name, id % 3 === 0 ? `+47 ${10_000_000 + id}` : null, cities[id % cities.length]);
            if (id % 2 === 0) newsletter.run(email);
        }
        for (let id = 1; id <= 24; id++) product.run(id, `T-${100 + id}`, `${things[id % things.length]} ${id}`, 9.99 + id);
        for (let id = 1; id <= 150; id++) {
            purchase.run(id, (id % 80) + 1, id % 5 === 0 ? 'sent' : 'open');
            for (let place = 0; place <= id % 3; place++) {
                const productId = ((id + place * 7) % 24) + 1;
                item.run(id, productId, 1 + (id % 2), 9.99 + productId);
            }
        }
    });
}

export function downgrade(op: MigrationBuilder) {
    for (const table of ['purchase_item', 'purchase', 'product', 'customer', 'newsletter']) op.execute(`DELETE FROM ${table}`);
}
