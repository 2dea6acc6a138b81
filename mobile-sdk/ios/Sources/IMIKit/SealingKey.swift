// Not compiled here: see docs/ios.md.
import CryptoKit
import Foundation
import IMIVerification
import Security

/// AES-256-GCM by a key in the keychain, of this device only.
public final class SealingKey: NSObject, IMISealer {
    private let account: String

    public init(account: String = "imi.vault") {
        self.account = account
    }

    @objc(seal:)
    public func seal(_ data: Data) -> Data? {
        guard let key = find() ?? make() else { return nil }
        return try? AES.GCM.seal(data, using: key).combined
    }

    @objc(open:)
    public func open(_ sealed: Data) -> Data? {
        guard let key = find(),
              let box = try? AES.GCM.SealedBox(combined: sealed) else { return nil }
        return try? AES.GCM.open(box, using: key)
    }

    @objc public func erase() {
        SecItemDelete(item as CFDictionary)
    }

    private var item: [CFString: Any] {
        [kSecClass: kSecClassGenericPassword, kSecAttrService: "imi", kSecAttrAccount: account]
    }

    private func find() -> SymmetricKey? {
        var query = item
        query[kSecReturnData] = true
        var found: CFTypeRef?
        guard SecItemCopyMatching(query as CFDictionary, &found) == errSecSuccess,
              let bytes = found as? Data else { return nil }
        return SymmetricKey(data: bytes)
    }

    private func make() -> SymmetricKey? {
        let key = SymmetricKey(size: .bits256)
        var kept = item
        kept[kSecValueData] = key.withUnsafeBytes { Data($0) }
        kept[kSecAttrAccessible] = kSecAttrAccessibleWhenUnlockedThisDeviceOnly
        return SecItemAdd(kept as CFDictionary, nil) == errSecSuccess ? key : nil
    }
}
