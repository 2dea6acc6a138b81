// Not compiled here: see docs/ios.md.
import Foundation
import IMIVerification

/// HTTPS by URLSession: no cookies, no cache, no redirects. Answers come on the main thread.
public final class SessionTransport: NSObject, IMITransport, URLSessionTaskDelegate {
    private lazy var session: URLSession = {
        let configuration = URLSessionConfiguration.ephemeral
        configuration.httpCookieStorage = nil
        configuration.urlCache = nil
        configuration.tlsMinimumSupportedProtocolVersion = .TLSv12
        configuration.waitsForConnectivity = false
        return URLSession(configuration: configuration, delegate: self, delegateQueue: .main)
    }()

    @objc(postBody:toURL:headers:timeout:delegate:)
    public func postBody(_ body: Data, to url: URL, headers: [AnyHashable: Any],
                         timeout: TimeInterval, delegate: IMICallDelegate) -> IMICall {
        var request = URLRequest(url: url, timeoutInterval: timeout)
        request.httpMethod = "POST"
        for case let (name as String, value as String) in headers {
            request.setValue(value, forHTTPHeaderField: name)
        }
        let call = Call(delegate: delegate)
        call.task = session.uploadTask(with: request, from: body) { [weak call] data, response, _ in
            call?.finish(data, response as? HTTPURLResponse)
        }
        call.task?.resume()
        return call
    }

    public func urlSession(_ session: URLSession, task: URLSessionTask,
                           willPerformHTTPRedirection response: HTTPURLResponse,
                           newRequest request: URLRequest) async -> URLRequest? {
        nil
    }

    private final class Call: NSObject, IMICall {
        weak var delegate: IMICallDelegate?
        var task: URLSessionTask?

        init(delegate: IMICallDelegate) {
            self.delegate = delegate
        }

        @objc func cancel() {
            delegate = nil
            task?.cancel()
        }

        func finish(_ data: Data?, _ response: HTTPURLResponse?) {
            if let data = data, let response = response {
                delegate?.call(self, answeredWithStatus: response.statusCode, body: data)
            } else {
                delegate?.callFailed(self)
            }
        }
    }
}
