-- Names of claims, joined by blanks: asked for, and from consent on agreed to.
ALTER TABLE session ADD COLUMN claims TEXT NOT NULL DEFAULT '';
