// Not compiled here: see docs/ios.md.
import AVFoundation
import CoreImage
import ImageIO
import IMIVerification
import UniformTypeIdentifiers

/// Frames of 640x480 from the front or back camera, upright; one at a time on the main thread,
/// those that come meanwhile are left out.
public final class CameraSource: NSObject, IMICamera,
    AVCaptureVideoDataOutputSampleBufferDelegate {
    public let session = AVCaptureSession()
    private let queue = DispatchQueue(label: "imi.camera")
    private weak var delegate: IMICameraDelegate?
    private var isBusy = false // on the main thread
    private var opened = 0 // counts: what belongs to an earlier opening is not told

    @objc(openFront:delegate:)
    public func openFront(_ front: Bool, delegate: IMICameraDelegate) {
        self.delegate = delegate
        opened += 1
        let number = opened
        AVCaptureDevice.requestAccess(for: .video) { granted in
            DispatchQueue.main.async {
                guard number == self.opened else { return }
                if granted { self.begin(front, number) } else { delegate.cameraIsLost(.denied) }
            }
        }
    }

    @objc public func close() {
        opened += 1
        delegate = nil
        NotificationCenter.default.removeObserver(self)
        queue.async { self.session.stopRunning() }
    }

    private func begin(_ front: Bool, _ number: Int) {
        guard let device = AVCaptureDevice.default(.builtInWideAngleCamera, for: .video,
                                                   position: front ? .front : .back),
              let input = try? AVCaptureDeviceInput(device: device) else {
            delegate?.cameraIsLost(.missing)
            return
        }
        NotificationCenter.default.addObserver(
            self, selector: #selector(interrupted), name: .AVCaptureSessionWasInterrupted,
            object: session)
        queue.async {
            self.configure(input)
            self.session.startRunning()
            DispatchQueue.main.async {
                if number == self.opened { self.delegate?.cameraIsReady() }
            }
        }
    }

    private func configure(_ input: AVCaptureInput) {
        session.beginConfiguration()
        session.inputs.forEach(session.removeInput)
        session.outputs.forEach(session.removeOutput)
        session.sessionPreset = .vga640x480
        if session.canAddInput(input) { session.addInput(input) }
        let output = AVCaptureVideoDataOutput()
        output.videoSettings = [kCVPixelBufferPixelFormatTypeKey as String:
            kCVPixelFormatType_420YpCbCr8BiPlanarFullRange]
        output.alwaysDiscardsLateVideoFrames = true
        output.setSampleBufferDelegate(self, queue: queue)
        if session.canAddOutput(output) { session.addOutput(output) }
        if let connection = output.connection(with: .video) {
            connection.videoOrientation = .portrait
            connection.isVideoMirrored = false // the server wants it as others see the person
        }
        session.commitConfiguration()
    }

    @objc private func interrupted() {
        DispatchQueue.main.async { self.delegate?.cameraIsLost(.taken) }
    }

    public func captureOutput(_ output: AVCaptureOutput, didOutput sample: CMSampleBuffer,
                              from connection: AVCaptureConnection) {
        guard let pixels = CMSampleBufferGetImageBuffer(sample) else { return }
        DispatchQueue.main.async {
            guard !self.isBusy, let delegate = self.delegate else { return }
            self.isBusy = true
            delegate.cameraTookFrame(CameraPicture(pixels))
            self.isBusy = false
        }
    }
}

/// Holds the camera's buffer while it is looked at.
private final class CameraPicture: NSObject, IMICameraFrame {
    private static let context = CIContext(options: [.cacheIntermediates: false])
    private let pixels: CVPixelBuffer

    init(_ pixels: CVPixelBuffer) {
        self.pixels = pixels
        CVPixelBufferLockBaseAddress(pixels, .readOnly)
    }

    deinit {
        CVPixelBufferUnlockBaseAddress(pixels, .readOnly)
    }

    @objc func luma() -> UnsafePointer<UInt8> {
        UnsafePointer(CVPixelBufferGetBaseAddressOfPlane(pixels, 0)!
            .assumingMemoryBound(to: UInt8.self))
    }

    @objc func width() -> UInt { UInt(CVPixelBufferGetWidthOfPlane(pixels, 0)) }
    @objc func height() -> UInt { UInt(CVPixelBufferGetHeightOfPlane(pixels, 0)) }
    @objc func bytesPerRow() -> UInt { UInt(CVPixelBufferGetBytesPerRowOfPlane(pixels, 0)) }

    @objc(JPEGWithQuality:)
    func jpeg(withQuality quality: UInt) -> Data? {
        let picture = CIImage(cvPixelBuffer: pixels)
        guard let image = Self.context.createCGImage(picture, from: picture.extent) else {
            return nil
        }
        let data = NSMutableData()
        guard let file = CGImageDestinationCreateWithData(
            data, UTType.jpeg.identifier as CFString, 1, nil) else { return nil }
        let options = [kCGImageDestinationLossyCompressionQuality: Double(quality) / 100]
        CGImageDestinationAddImage(file, image, options as CFDictionary)
        return CGImageDestinationFinalize(file) ? data as Data : nil
    }
}
