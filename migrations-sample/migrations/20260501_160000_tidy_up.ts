import type {MigrationBuilder} from 'lite-migr';

// newsletter: dropped with its rows; downgrade cannot bring them back.
// customer.phone: dropped with its values; downgrade cannot bring them back.

export function upgrade(op: MigrationBuilder) {
    // Addresses were stored as they were typed.
    op.run(({db}) => {
        const update = db.prepare('UPDATE customer SET email = ? WHERE id = ?');
        for (const row of db.prepare('SELECT id, email FROM customer').all()) {
            const {id, email} = row as {readonly id: number; readonly email: string};
            update.run(email.toLowerCase(), id);
        }
    });
    op.dropColumn('customer', 'phone');
    op.dropTable('newsletter');
}

export function downgrade(op: MigrationBuilder) {
    op.createTable('CREATE TABLE newsletter (email TEXT PRIMARY KEY, signed_up TEXT)');
    op.addColumn('customer', 'phone TEXT');
}
