/** The version of the product, as in `package.json`. */
export const productVersion = '1.0.0';
