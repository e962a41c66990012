import type {MigrationBuilder} from 'lite-migr';

export function upgrade(op: MigrationBuilder) {
    op.renameColumn('customer', 'name', 'full_name');
}

export function downgrade(op: MigrationBuilder) {
    op.renameColumn('customer', 'full_name', 'name');
}
