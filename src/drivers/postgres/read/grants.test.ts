import { expect, test } from "vitest";
import { grantsOf } from "./grants.ts";

const of = (acl: string[] | null, byDefault: string[] | null = null) => grantsOf({ acl, acl_default: byDefault, owner: "me" });

test("null and the default written out are the same", () => {
  expect(of(null)).toEqual([]);
  expect(of(["me=arwdDxt/me"], ["me=arwdDxt/me"])).toEqual([]);
  expect(of(["=X/me", "me=X/me"], ["me=X/me", "=X/me"])).toEqual([]);
});

test("anything else is the complete list", () => {
  expect(of(["me=ar/me", "reader=r*/me"], ["me=ar/me"])).toEqual([
    { grantee: "me", grantor: "me", privilege: "INSERT", grantable: false },
    { grantee: "me", grantor: "me", privilege: "SELECT", grantable: false },
    { grantee: "reader", grantor: "me", privilege: "SELECT", grantable: true },
  ]);
});

test("a right that was taken away shows, and so does the last one", () => {
  expect(of(["me=X/me"], ["=X/me", "me=X/me"])).toEqual([{ grantee: "me", grantor: "me", privilege: "EXECUTE", grantable: false }]);
  expect(of([], ["me=X/me"])).toEqual([{ grantee: "me", grantor: "me", privilege: "NONE", grantable: false }]);
});

test("role names may hold what separates the parts", () => {
  expect(of(['"a=b/c ""d"""=r/"x y"'], [])).toEqual([{ grantee: 'a=b/c "d"', grantor: "x y", privilege: "SELECT", grantable: false }]);
});

test("a notation that is not understood is never passed over", () => {
  expect(() => of(["nonsense"], [])).toThrow("unknown form");
});
