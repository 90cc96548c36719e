// The dialect's quoting, for what the driver itself asks.
export { quoteLiteral, quoteName } from "../../dialects/mysql/quoting.ts";
