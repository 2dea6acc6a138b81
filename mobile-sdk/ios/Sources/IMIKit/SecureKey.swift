// Not compiled here: see docs/ios.md.
import CryptoKit
import Foundation
import IMIVerification
import Security

/// A P-256 key in the Secure Enclave, or in the keychain of phones and simulators without one. It
/// is of this device only and cannot be exported.
public final class SecureKey: NSObject, IMIDeviceKey {
    private let tag: Data
    private var made: SecKey?

    public init(tag: String = "imi.device-key") {
        self.tag = Data(tag.utf8)
    }

    @objc public func publicKey() -> Data? {
        guard let key = key(), let open = SecKeyCopyPublicKey(key),
              let point = SecKeyCopyExternalRepresentation(open, nil) else { return nil }
        return IMISubjectPublicKeyInfo(point as Data)
    }

    @objc(signatureOfMessage:)
    public func signature(ofMessage message: Data) -> Data? {
        guard let key = key(),
              let der = SecKeyCreateSignature(key, .ecdsaSignatureMessageX962SHA256,
                                              message as CFData, nil) else { return nil }
        return IMIRawSignature(der as Data)
    }

    @objc(digestOfData:)
    public func digest(of data: Data) -> Data {
        Data(SHA256.hash(data: data))
    }

    @objc public func erase() {
        made = nil
        SecItemDelete([kSecClass: kSecClassKey, kSecAttrApplicationTag: tag] as CFDictionary)
    }

    private func key() -> SecKey? {
        made = made ?? find() ?? make(inEnclave: true) ?? make(inEnclave: false)
        return made
    }

    private func find() -> SecKey? {
        let query: [CFString: Any] = [
            kSecClass: kSecClassKey, kSecAttrApplicationTag: tag,
            kSecAttrKeyType: kSecAttrKeyTypeECSECPrimeRandom, kSecReturnRef: true,
        ]
        var item: CFTypeRef?
        guard SecItemCopyMatching(query as CFDictionary, &item) == errSecSuccess else { return nil }
        return (item as! SecKey)
    }

    private func make(inEnclave: Bool) -> SecKey? {
        guard let access = SecAccessControlCreateWithFlags(
            nil, kSecAttrAccessibleWhenUnlockedThisDeviceOnly, .privateKeyUsage, nil)
        else { return nil }
        var kept: [CFString: Any] = [kSecAttrIsPermanent: true, kSecAttrApplicationTag: tag]
        var options: [CFString: Any] = [
            kSecAttrKeyType: kSecAttrKeyTypeECSECPrimeRandom, kSecAttrKeySizeInBits: 256,
        ]
        if inEnclave {
            options[kSecAttrTokenID] = kSecAttrTokenIDSecureEnclave
            kept[kSecAttrAccessControl] = access
        } else {
            kept[kSecAttrAccessible] = kSecAttrAccessibleWhenUnlockedThisDeviceOnly
        }
        options[kSecPrivateKeyAttrs] = kept
        return SecKeyCreateRandomKey(options as CFDictionary, nil)
    }
}
