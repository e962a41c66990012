-- A migration can also be plain SQL.

-- upgrade
CREATE TABLE review (
    id INTEGER PRIMARY KEY,
    product_id INTEGER NOT NULL REFERENCES product (id) ON DELETE CASCADE,
    customer_id INTEGER REFERENCES customer (id) ON DELETE SET NULL,
    stars INTEGER NOT NULL CHECK (stars BETWEEN 1 AND 5),
    body TEXT NOT NULL DEFAULT ''
) STRICT;
CREATE INDEX review_product ON review (product_id, stars DESC);
CREATE INDEX product_title ON product (title);
INSERT INTO review (product_id, customer_id, stars, body)
SELECT product_id, customer_id, 1 + (purchase.id % 5), 'as described' FROM purchase JOIN purchase_item ON purchase_item.purchase_id = purchase.id;

-- downgrade
DROP INDEX product_title;
DROP TABLE review;
