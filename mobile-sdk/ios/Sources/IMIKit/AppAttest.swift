// Not compiled here: see docs/ios.md.
import DeviceCheck
import Foundation
import IMIVerification

/// Apple's word for this app. Where there is none, the server decides what that means.
public final class AppAttest: NSObject, IMIAttestor {
    private var object: Data?

    @objc(prepareWithChallenge:)
    public func prepare(withChallenge challenge: Data) {
        let service = DCAppAttestService.shared
        guard service.isSupported else { return }
        service.generateKey { key, _ in
            guard let key = key else { return }
            service.attestKey(key, clientDataHash: challenge) { object, _ in
                DispatchQueue.main.async { self.object = object }
            }
        }
    }

    @objc public func attestation() -> Data? {
        object
    }
}
