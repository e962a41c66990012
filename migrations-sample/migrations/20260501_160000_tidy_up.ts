import type {MigrationBuilder} from 'lite-migr';

// newsletter: dropped with its rows; downgrade cannot restore them.
// customer.phone: dropped with its values; downgrade cannot restore them.

export function upgrade(op: MigrationBuilder) {
    // Normalizes email addresses, which were stored in the case that users typed.
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
